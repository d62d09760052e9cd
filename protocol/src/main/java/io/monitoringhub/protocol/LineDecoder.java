package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/**
 * Turns bytes into messages: LDJSON in, one call of a {@link LineReceiver} out for each line that is not empty. No input makes it throw.
 *
 * <h2>One parser for many lines</h2>
 * To JSON a newline is white space, so one parser can run over a whole chunk; starting one per line would cost a third of the throughput.
 * What the parser can't know is that an object has to begin and end on one line. So each line's bounds are found first, the parser reads
 * one object, and then its position must lie within the line with nothing but white space behind it.
 *
 * <h2>The verdict is always that of the line alone</h2>
 * After any trouble the parser may have swallowed following lines, and what it complains about may lie there. So the line is read again on
 * its own, and that decides; the rest of the chunk goes on with a fresh parser behind the line. The verdict can therefore not depend on
 * what else was in the chunk, nor on where the network has cut the stream. Swallowing costs at most the depth limit times the line: each
 * line that is swallowed has to begin with a brace to be worth a parser, and so is one level deeper than the one before.
 *
 * <p>One per thread or connection. Used by one thread at a time.
 */
public final class LineDecoder {

    private final ProtocolLimits limits;
    private final EnvelopeReader reader;

    /** A decoder with these limits. */
    public LineDecoder(ProtocolLimits limits) {
        this.limits = Objects.requireNonNull(limits, "limits");
        this.reader = new EnvelopeReader(limits.maxDepth());
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
            position = decodeRun(bytes, position, end, receiver);
        }
        return Math.max(end, from);
    }

    /** Goes on with one parser until a line has led it astray, or to the end; returns where the next line begins. */
    private int decodeRun(byte[] bytes, int from, int end, LineReceiver receiver) {
        int start = from;
        try (JsonParser parser = Parsers.SHARED.open(bytes, start, end)) {
            return decodeRun(parser, bytes, start, end, receiver);
        } catch (IOException impossible) {
            throw new IllegalStateException("cannot open or close a parser over memory: a bug of the decoder", impossible);
        } finally {
            if (reader.sawLongNames()) {
                Parsers.SHARED.forgetNames();
            }
        }
    }

    private int decodeRun(JsonParser parser, byte[] bytes, int base, int end, LineReceiver receiver) {
        int position = base;
        while (position < end) {
            int newline = LineBytes.endOfLine(bytes, position, end);
            boolean ascii = newline >= 0;
            newline = ascii ? newline : ~newline;
            int from = LineBytes.skipSpace(bytes, position, newline);
            int lineBytes = newline + 1 - position;
            position = newline + 1;
            if (from == newline && lineBytes <= limits.maxLineBytes()) {
                continue;
            }
            int to = LineBytes.trimSpace(bytes, from, newline);
            Optional<Refusal> refusal = unreadable(bytes, from, to, lineBytes, ascii);
            if (refusal.isPresent()) {
                receiver.refused(bytes, from, to, refusal.get());
                return position;
            }
            boolean astray = !isAlone(parser, base, to);
            deliver(bytes, from, to, astray ? verdictAlone(bytes, from, to) : reader.fault(), receiver);
            if (astray) {
                return position;
            }
        }
        return end;
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

    /** Reads one object; whether it ended exactly where the line does. */
    private boolean isAlone(JsonParser parser, int base, int to) {
        try {
            reader.read(parser);
            return base + (int) parser.currentLocation().getByteOffset() == to;
        } catch (IOException toBeJudgedAlone) {
            return false;
        }
    }

    /** Reads a line that something is wrong with, or seems to be, without its neighbours. */
    private Optional<Refusal> verdictAlone(byte[] bytes, int from, int to) {
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
