package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * A batch as rows for COPY, and what of it can't become one. Its memory is used again for the next batch.
 *
 * <p>Used by one thread at a time.
 */
final class EncodedBatch {

    /** In the order of {@link #encode}. */
    static final String COLUMNS = "\"timestamp\", source, type, trace_id, span_id, parent_span_id, data, log_id, log_offset, received_at, extra";

    /** So many days before the receipt, at most, have a partition of their own. */
    static final int MOST_DAYS_BACK = 31;

    private static final int DAYS_AHEAD = 1;
    private static final int COLUMN_COUNT = 11;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long Y2000_MILLIS = 946_684_800_000L;
    /** The first millisecond that timestamptz can't hold. */
    private static final long END_MILLIS = 9_223_371_331_200_000L + Y2000_MILLIS;
    private static final byte[][] TYPES = Arrays.stream(MessageType.values()).map(each -> utf8(each.word())).toArray(byte[][]::new);

    private final byte[] logId;
    private final int daysBack;
    private final MessageScanner scanner = new MessageScanner();
    private final RowBuffer rows = new RowBuffer();
    private final SortedSet<Long> days = new TreeSet<>();
    private final List<Rejection> rejected = new ArrayList<>();
    private byte[] lines = {};
    private int linesSize;
    private long[] offsets = {};
    private int[] ends = {};
    private boolean[] isFar = {};
    private int count;
    private String lastSource;
    private byte[] lastSourceBytes = {};
    private long lastDay;

    /** @param daysBack how many days before its receipt an entry's time stamp may be to count as near */
    EncodedBatch(String logId, int daysBack) {
        this.logId = utf8(logId);
        this.daysBack = daysBack;
    }

    /** Replaces what was there. */
    void encode(Batch batch) {
        copyLines(batch);
        rows.clear();
        days.clear();
        rejected.clear();
        count = 0;
        lastDay = Long.MIN_VALUE;
        if (offsets.length < batch.size()) {
            offsets = new long[batch.size()];
            ends = new int[batch.size()];
            isFar = new boolean[batch.size()];
        }
        int at = 0;
        for (int i = 0; i < batch.size(); i++) {
            int end = at + batch.length(i);
            encode(batch, i, at, end);
            at = end + 1;
        }
    }

    private void copyLines(Batch batch) {
        linesSize = 0;
        if (lines.length < batch.bytes()) {
            lines = new byte[Math.toIntExact(batch.bytes())];
        }
        Consumer<ByteBuffer> sink = buffer -> {
            int length = buffer.remaining();
            buffer.get(lines, linesSize, length);
            linesSize += length;
        };
        batch.lines(sink);
    }

    private void encode(Batch batch, int index, int from, int to) {
        long timestamp = batch.timestamp(index);
        if (timestamp >= END_MILLIS) {
            rejected.add(new Rejection(batch.offset(index), "range", "timestamptz ends with the year 294276, before ts " + timestamp));
            return;
        }
        scanner.scan(lines, from, to);
        if (scanner.poison() != null) {
            rejected.add(new Rejection(batch.offset(index), "encoding", scanner.poison()));
            return;
        }
        rows.beginRow(COLUMN_COUNT);
        rows.putLong(micros(timestamp));
        byte[] source = source(batch.source(index));
        rows.putBytes(source, 0, source.length);
        byte[] type = TYPES[batch.type(index).ordinal()];
        rows.putBytes(type, 0, type.length);
        scanner.putText(MessageScanner.Part.TRACE, rows);
        scanner.putText(MessageScanner.Part.SPAN, rows);
        scanner.putText(MessageScanner.Part.PARENT, rows);
        scanner.putData(rows);
        rows.putBytes(logId, 0, logId.length);
        rows.putLong(batch.offset(index));
        rows.putLong(micros(batch.receivedAt(index)));
        scanner.putExtra(rows);
        offsets[count] = batch.offset(index);
        ends[count] = rows.size();
        isFar[count] = isFar(timestamp, batch.receivedAt(index));
        count++;
    }

    private boolean isFar(long timestamp, long receivedAt) {
        long day = Math.floorDiv(timestamp, DAY_MILLIS);
        long ahead = day - Math.floorDiv(receivedAt, DAY_MILLIS);
        if (ahead < -daysBack || ahead > DAYS_AHEAD) {
            return true;
        }
        if (day != lastDay) {
            days.add(day);
            lastDay = day;
        }
        return false;
    }

    private byte[] source(String source) {
        if (source != lastSource) {
            if (!source.equals(lastSource)) {
                lastSourceBytes = utf8(source);
            }
            lastSource = source;
        }
        return lastSourceBytes;
    }

    private static long micros(long millis) {
        return (millis - Y2000_MILLIS) * 1_000;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** How many rows there are. */
    int rows() {
        return count;
    }

    /** The offset of a row. */
    long offset(int row) {
        return offsets[row];
    }

    /** The offsets of all rows: a copy. */
    long[] offsets() {
        return Arrays.copyOf(offsets, count);
    }

    /** The days since 1970 that rows fall into, but for those that are far from their receipt. */
    SortedSet<Long> days() {
        return days;
    }

    /** What jsonb or timestamptz can't hold: known without asking the database. */
    List<Rejection> rejected() {
        return rejected;
    }

    /** Whether a row's time stamp is far from its receipt. */
    boolean isFar(int row) {
        return isFar[row];
    }

    /** Passes the wanted rows in runs of neighbours. @return which rows these were */
    <E extends Exception> int[] send(IntPredicate wanted, Sink<E> sink) throws E {
        int[] sent = new int[count];
        int sentCount = 0;
        int from = -1;
        for (int i = 0; i < count; i++) {
            if (wanted.test(i)) {
                sent[sentCount++] = i;
                from = from < 0 ? start(i) : from;
            } else if (from >= 0) {
                sink.take(rows.memory(), from, start(i));
                from = -1;
            }
        }
        if (from >= 0) {
            sink.take(rows.memory(), from, rows.size());
        }
        return Arrays.copyOf(sent, sentCount);
    }

    private int start(int row) {
        return row == 0 ? 0 : ends[row - 1];
    }

    /** Takes bytes of rows. */
    interface Sink<E extends Exception> {
        void take(byte[] bytes, int from, int to) throws E;
    }
}
