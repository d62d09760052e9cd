package io.monitoringhub.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Notes every call as text, so that two runs can be compared. Used by one thread at a time. */
final class Recorder implements LineReceiver {

    final List<String> calls = new ArrayList<>();

    static Recorder of(byte[] bytes) {
        Recorder recorder = new Recorder();
        new LineDecoder(ProtocolLimits.VERSION_1).decode(bytes, 0, bytes.length, recorder);
        return recorder;
    }

    /** What the parser says where nobody looks before it. */
    static Recorder ofParser(byte[] bytes) {
        Recorder recorder = new Recorder();
        new LineDecoder(ProtocolLimits.VERSION_1, false).decode(bytes, 0, bytes.length, recorder);
        return recorder;
    }

    @Override
    public void message(byte[] bytes, int from, int to, Envelope envelope) {
        calls.add(envelope.type() + " " + envelope.source() + " " + envelope.timestamp() + " " + envelope.level() + " "
                + envelope.hasTraceId() + " " + line(bytes, from, to));
    }

    @Override
    public void hello(byte[] bytes, int from, int to, Hello hello) {
        calls.add(hello + " " + line(bytes, from, to));
    }

    @Override
    public void refused(byte[] bytes, int from, int to, Refusal refusal) {
        calls.add("refused " + refusal.code() + " (" + refusal.reason() + ") " + line(bytes, from, to));
    }

    private static String line(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
