package io.monitoringhub.correlation.merge;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Halves of spans that wait for the other half, and the names of those that are complete, so that a half that comes again does not make a
 * second span of it. What it answers follows from the messages alone, in their order.
 *
 * <p>Bounded: the half that waits longest is given up, the span that was completed longest ago is forgotten. Used by one thread at a time.
 */
final class SpanPairs {

    private static final int BYTES_OF_HALF = 400;
    private static final int BYTES_OF_NAME = 150;

    private record Name(String trace, String span) {

        long bytes() {
            return BYTES_OF_NAME + trace.length() + span.length();
        }
    }

    private final int mostSpans;
    private final long mostBytes;
    private final LinkedHashMap<Name, SpanMessage> waiting = new LinkedHashMap<>();
    private final LinkedHashMap<Name, Boolean> complete = new LinkedHashMap<>();
    private long waitingBytes;
    private long completeBytes;
    private long givenUp;

    /**
     * @param mostSpans how many halves wait at most, and how many complete spans are known by name
     * @param mostBytes estimated memory for each of the two
     */
    SpanPairs(int mostSpans, long mostBytes) {
        this.mostSpans = mostSpans;
        this.mostBytes = mostBytes;
    }

    /** @return the merged message, if this one completes its span */
    Optional<String> add(SpanMessage message) {
        Name name = new Name(message.trace(), message.span());
        if (complete.containsKey(name)) {
            return Optional.empty();
        }
        SpanMessage other = waiting.get(name);
        if (message.isMerged()) {
            isComplete(name, other);
            return Optional.empty();
        }
        boolean isPair = other != null && other.isClosing() != message.isClosing();
        if (!isPair && !message.isWhole()) {
            if (other == null) {
                await(name, message);
            }
            return Optional.empty();
        }
        isComplete(name, other);
        SpanMessage closing = message.isClosing() ? message : other;
        return Optional.of(MergedSpan.of(isPair ? (message.isClosing() ? other : message) : message, closing));
    }

    private void await(Name name, SpanMessage half) {
        waiting.put(name, half);
        waitingBytes += bytes(half);
        while (waiting.size() > mostSpans || waitingBytes > mostBytes) {
            Map.Entry<Name, SpanMessage> oldest = waiting.entrySet().iterator().next();
            waiting.remove(oldest.getKey());
            waitingBytes -= bytes(oldest.getValue());
            givenUp++;
        }
    }

    private void isComplete(Name name, SpanMessage half) {
        if (half != null) {
            waiting.remove(name);
            waitingBytes -= bytes(half);
        }
        complete.put(name, true);
        completeBytes += name.bytes();
        while (complete.size() > mostSpans || completeBytes > mostBytes) {
            Name oldest = complete.keySet().iterator().next();
            complete.remove(oldest);
            completeBytes -= oldest.bytes();
        }
    }

    private static long bytes(SpanMessage half) {
        return BYTES_OF_HALF + half.chars() + 100L * (half.spelt().size() + half.tags().size());
    }

    /** Halves that wait now. */
    int waiting() {
        return waiting.size();
    }

    /** Halves that had to make room. */
    long givenUp() {
        return givenUp;
    }
}
