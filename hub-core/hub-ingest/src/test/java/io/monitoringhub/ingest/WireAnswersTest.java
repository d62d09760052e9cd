package io.monitoringhub.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WireAnswersTest {

    private final FakePeer peer = new FakePeer();
    private final WireAnswers answers = new WireAnswers(peer, "test-hub", 65_536);

    /** The thread of a connection and the log's each say what they know; the one that knows less may come second. */
    @Test
    void anAcknowledgementNeverFallsBehindTheOneBefore() {
        answers.acknowledge(8);
        answers.acknowledge(5);
        answers.acknowledge(8);
        answers.acknowledge(9);
        assertThat(peer.replies()).extracting(line -> line.replaceAll("\\D+", " ").strip()).containsExactly("1 8", "1 8", "1 9");
    }
}
