package io.monitoringhub.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LineDecoderTest {

    private static final String BEAT = "{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"heartbeat\"}\n";

    private final LineDecoder decoder = new LineDecoder(ProtocolLimits.VERSION_1);

    @Test
    void returnsTheStartWhenThereIsNoNewline() {
        byte[] bytes = "xx{\"v\":1".getBytes(StandardCharsets.UTF_8);
        Recorder recorder = new Recorder();

        assertThat(decoder.decode(bytes, 2, bytes.length, recorder)).isEqualTo(2);
        assertThat(decoder.decode(bytes, 2, 2, recorder)).isEqualTo(2);
        assertThat(recorder.calls).isEmpty();
    }

    @Test
    void looksOnlyAtItsRange() {
        byte[] bytes = ("garbage\n" + BEAT + "more garbage\n").getBytes(StandardCharsets.UTF_8);
        Recorder recorder = new Recorder();

        int end = decoder.decode(bytes, 8, 8 + BEAT.length(), recorder);

        assertThat(end).isEqualTo(8 + BEAT.length());
        assertThat(recorder.calls).hasSize(1).allMatch(call -> call.startsWith("HEARTBEAT s 1 -1 false {"));
    }

    @Test
    void refusesARangeOutsideTheArray() {
        assertThatThrownBy(() -> decoder.decode(new byte[3], 1, 4, new Recorder())).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void equalSourcesAreTheSameString() {
        Set<String> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<String> sources = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            byte[] bytes = BEAT.repeat(5).getBytes(StandardCharsets.UTF_8);
            decoder.decode(bytes, 0, bytes.length, new SourceReceiver(sources));
        }
        seen.addAll(sources);

        assertThat(sources).hasSize(15).containsOnly("s");
        assertThat(seen).hasSize(1);
    }

    @Test
    void manySourcesDoNotConfuseIt() {
        List<String> sources = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            lines.append(BEAT.replace("\"s\"", "\"service-" + i % 1000 + '"'));
        }
        byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);

        decoder.decode(bytes, 0, bytes.length, new SourceReceiver(sources));

        for (int i = 0; i < 10_000; i++) {
            assertThat(sources.get(i)).isEqualTo("service-" + i % 1000);
        }
    }

    /** All of these names together, kept, would need more than the 512 MiB that the build gives the tests. */
    @Test
    void hostileFieldNamesDoNotStayInMemory() {
        for (int round = 0; round < 240; round++) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                lines.append("{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"heartbeat\",\"").append(round).append('-').append(i)
                        .append("x".repeat(60_000)).append("\":1}\n");
            }
            byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
            Recorder recorder = new Recorder();
            decoder.decode(bytes, 0, bytes.length, recorder);
            assertThat(recorder.calls).hasSize(20).allMatch(call -> call.startsWith("HEARTBEAT"));
        }
    }

    @Test
    void thousandsOfShortNamesInOneChunkAreAccepted() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            lines.append("{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"heartbeat\",\"name").append(i).append("\":1}\n");
        }

        assertThat(Recorder.of(lines.toString().getBytes(StandardCharsets.UTF_8)).calls)
                .hasSize(20_000).allMatch(call -> call.startsWith("HEARTBEAT"));
    }

    @Test
    void tokenIsNeverPrinted() {
        String line = "{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"hello\",\"data\":{\"client\":\"6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11\","
                + "\"next\":3,\"sdk\":\"perl/1.0.0\",\"token\":\"s3cret\"}}\n";
        List<Hello> hellos = new ArrayList<>();
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);

        decoder.decode(bytes, 0, bytes.length, new HelloReceiver(hellos));

        assertThat(hellos).hasSize(1);
        assertThat(hellos.get(0).token()).contains("s3cret");
        assertThat(hellos.get(0).next()).isEqualTo(3);
        assertThat(hellos.get(0).toString()).doesNotContain("s3cret").contains("perl/1.0.0");
    }

    @Test
    void refusalSaysWhatToDo() {
        assertThat(Recorder.of("{\"v\":1,\"ts\":1,\"type\":\"heartbeat\"}\n".getBytes(StandardCharsets.UTF_8)).calls.get(0))
                .startsWith("refused MISSING_FIELD ('src' is required)");
        assertThat(Recorder.of("{\"v\":1,,}\n".getBytes(StandardCharsets.UTF_8)).calls.get(0)).startsWith("refused MALFORMED (not JSON");
    }

    @Test
    void otherLimitsHold() {
        LineDecoder narrow = new LineDecoder(new ProtocolLimits(BEAT.length(), 2));
        byte[] bytes = (BEAT + " " + BEAT + "{\"a\":[[]]}\n").getBytes(StandardCharsets.UTF_8);
        Recorder recorder = new Recorder();

        narrow.decode(bytes, 0, bytes.length, recorder);

        assertThat(recorder.calls.get(0)).startsWith("HEARTBEAT");
        assertThat(recorder.calls.get(1)).startsWith("refused TOO_LONG");
        assertThat(recorder.calls.get(2)).startsWith("refused TOO_DEEP");
    }

    private record SourceReceiver(List<String> sources) implements LineReceiver {

        @Override
        public void message(byte[] bytes, int from, int to, Envelope envelope) {
            sources.add(envelope.source());
        }

        @Override
        public void hello(byte[] bytes, int from, int to, Hello hello) {
            throw new AssertionError("no hello was sent");
        }

        @Override
        public void refused(byte[] bytes, int from, int to, Refusal refusal) {
            throw new AssertionError(refusal);
        }
    }

    private record HelloReceiver(List<Hello> hellos) implements LineReceiver {

        @Override
        public void message(byte[] bytes, int from, int to, Envelope envelope) {
            throw new AssertionError("no message was sent");
        }

        @Override
        public void hello(byte[] bytes, int from, int to, Hello hello) {
            hellos.add(hello);
        }

        @Override
        public void refused(byte[] bytes, int from, int to, Refusal refusal) {
            throw new AssertionError(refusal);
        }
    }
}
