package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/**
 * Turns bytes into messages: LDJSON in, one call of a {@link LineReceiver} out for each line that is not empty. No input makes it throw.
 *
 * <h2>Two readers</h2>
 * A {@link QuickReader} looks first: it knows how nearly all clients write, and has no doubt about nearly all lines. What it doubts, a
 * parser reads: the {@link EnvelopeReader} on Jackson, which is also the only one that refuses. A line's bounds are found before either
 * looks, and each line is judged on its own: the verdict can't depend on what else was in the chunk, nor on where the network has cut the
 * stream.
 *
 * <p>One per thread or connection. Used by one thread at a time.
 */
public final class LineDecoder {

    private final ProtocolLimits limits;
    private final EnvelopeReader reader;
    private final QuickReader quickReader;
    private final boolean isQuick;

    /** A decoder with these limits. */
    public LineDecoder(ProtocolLimits limits) {
        this(limits, true);
    }

    /** @param quick whether anybody but the parser may look at a line */
    LineDecoder(ProtocolLimits limits, boolean quick) {
        this.limits = Objects.requireNonNull(limits, "limits");
        this.reader = new EnvelopeReader(limits.maxDepth());
        this.quickReader = new QuickReader(reader);
        // The quick reader's own limit of depth must not be higher than the one that is wanted.
        this.isQuick = quick && limits.maxDepth() > JsonBytes.MAX_DEPTH + 2;
    }

    /**
     * Decodes every complete line in {@code bytes[from..to)}.
     *
     * @return the index just behind the last newline, where the partial line begins; {@code from} if there is no newline
     */
    public int decode(byte[] bytes, int from, int to, LineReceiver receiver) {
        Objects.checkFromToIndex(from, to, bytes.length);
        int end = LineBytes.lastNewline(bytes, from, to) + 1;
        int position = from;
        while (position < end) {
            int newline = LineBytes.endOfLine(bytes, position, end);
            boolean ascii = newline >= 0;
            newline = ascii ? newline : ~newline;
            decodeLine(bytes, position, newline, ascii, receiver);
            position = newline + 1;
        }
        return Math.max(end, from);
    }

    private void decodeLine(byte[] bytes, int start, int newline, boolean ascii, LineReceiver receiver) {
        int from = LineBytes.skipSpace(bytes, start, newline);
        int lineBytes = newline + 1 - start;
        if (from == newline && lineBytes <= limits.maxLineBytes()) {
            return;
        }
        int to = LineBytes.trimSpace(bytes, from, newline);
        Optional<Refusal> refusal = unreadable(bytes, from, to, lineBytes, ascii);
        if (refusal.isPresent()) {
            receiver.refused(bytes, from, to, refusal.get());
        } else if (isQuick && quickReader.read(bytes, from, to) && reader.fault().isEmpty()) {
            receiver.message(bytes, from, to, reader.envelope());
        } else {
            deliver(bytes, from, to, verdict(bytes, from, to), receiver);
        }
    }

    /** Why a line isn't even worth a parser. */
    private Optional<Refusal> unreadable(byte[] bytes, int from, int to, int lineBytes, boolean ascii) {
        if (lineBytes > limits.maxLineBytes()) {
            return Optional.of(Refusal.tooLong(lineBytes));
        }
        if (!ascii && !LineBytes.isUtf8(bytes, from, to)) {
            return Optional.of(new Refusal(RefusalCode.INVALID_UTF8, "the line is not UTF-8"));
        }
        if (bytes[from] != '{') {
            return Optional.of(new Refusal(RefusalCode.NOT_OBJECT, "the line must be one JSON object"));
        }
        return Optional.empty();
    }

    /** What the parser says. */
    private Optional<Refusal> verdict(byte[] bytes, int from, int to) {
        try (JsonParser parser = Parsers.SHARED.open(bytes, from, to)) {
            return isAlone(parser, from, to) ? reader.fault() : complaint(bytes, from, to);
        } catch (IOException impossible) {
            throw new IllegalStateException("cannot open or close a parser over memory: a bug of the decoder", impossible);
        } finally {
            if (reader.sawLongNames()) {
                Parsers.SHARED.forgetNames();
            }
        }
    }

    /** Reads one object; whether it ended exactly where the line does. */
    private boolean isAlone(JsonParser parser, int from, int to) {
        try {
            reader.read(parser);
            return from + (int) parser.currentLocation().getByteOffset() == to;
        } catch (IOException toBeReadAgain) {
            return false;
        }
    }

    /** Reads a line again that something is wrong with, by a parser that knows nothing of other lines, to say what. */
    private Optional<Refusal> complaint(byte[] bytes, int from, int to) {
        try (JsonParser parser = Parsers.apart(bytes, from, to)) {
            try {
                reader.read(parser);
                int behind = from + (int) parser.currentLocation().getByteOffset();
                if (behind != to) {
                    return Optional.of(new Refusal(RefusalCode.TRAILING_DATA, "the object ends at byte " + (behind - from)
                            + ", but the line goes on: one object on one line"));
                }
                return reader.fault();
            } catch (StreamConstraintsException e) {
                return Optional.of(new Refusal(RefusalCode.TOO_DEEP, "objects and arrays are nested deeper than " + limits.maxDepth()));
            } catch (IOException e) {
                return Optional.of(new Refusal(RefusalCode.MALFORMED, "not JSON from byte "
                        + parser.currentLocation().getByteOffset() + " on, or the object does not end on its line"));
            }
        } catch (IOException impossible) {
            throw new IllegalStateException("cannot open or close a parser over memory: a bug of the decoder", impossible);
        }
    }

    private void deliver(byte[] bytes, int from, int to, Optional<Refusal> refusal, LineReceiver receiver) {
        if (refusal.isPresent()) {
            receiver.refused(bytes, from, to, refusal.get());
        } else if (reader.isHello()) {
            deliverHello(bytes, from, to, receiver);
        } else {
            receiver.message(bytes, from, to, reader.envelope());
        }
    }

    private void deliverHello(byte[] bytes, int from, int to, LineReceiver receiver) {
        HelloReader hello = new HelloReader();
        try (JsonParser parser = Parsers.apart(bytes, from, to)) {
            hello.read(parser);
        } catch (IOException impossible) {
            throw new IllegalStateException("cannot read a hello that was read before: a bug of the decoder", impossible);
        }
        if (hello.fault().isEmpty()) {
            receiver.hello(bytes, from, to, hello.hello(reader.envelope()));
        } else {
            receiver.refused(bytes, from, to, new Refusal(RefusalCode.INVALID_HELLO, hello.fault()));
        }
    }
}
