package io.monitoringhub.ingest;

import io.monitoringhub.protocol.ControlLines;
import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.spi.transport.Replies;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The control lines of the protocol. Thread-safe. */
final class WireAnswers implements Answers {

    private final Replies replies;
    private final String hubName;
    private final int maxMessageBytes;
    private long acknowledged;

    WireAnswers(Replies replies, String hubName, int maxMessageBytes) {
        this.replies = replies;
        this.hubName = hubName;
        this.maxMessageBytes = maxMessageBytes;
    }

    @Override
    public void welcome(long settled, Optional<String> compress) {
        send(ControlLines.welcome(settled, hubName, maxMessageBytes, compress));
    }

    @Override
    public void refused(long number, Refusal refusal) {
        send(ControlLines.error(number, refusal));
    }

    @Override
    public void known() {
        // The next acknowledgement says it.
    }

    /** Two threads may have something to acknowledge at the same time: on the wire the number never falls. */
    @Override
    public synchronized void acknowledge(long number) {
        if (number >= acknowledged) {
            acknowledged = number;
            send(ControlLines.ack(number));
        }
    }

    @Override
    public void replaced(Refusal refusal) {
        // The peer is told at the end.
    }

    @Override
    public void cutOff(Refusal refusal) {
        send(ControlLines.error(0, refusal));
        replies.close(refusal.code().word() + ": " + refusal.reason());
    }

    @Override
    public void cutOff(String reason) {
        replies.close(reason);
    }

    @Override
    public void resume() {
        replies.resume();
    }

    private void send(byte[] line) {
        replies.send(ByteBuffer.wrap(line));
    }
}
