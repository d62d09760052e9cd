package io.monitoringhub.plugin.httpbackend;

import io.monitoringhub.spi.backend.Batch;

/**
 * Entries of a batch that go in one request. Its memory is the batch's. Immutable.
 *
 * @param batch whose entries
 * @param from the first entry's index
 * @param to the index behind the last
 * @param key what names the request for a service
 * @param lane the lane's name
 */
record Passage(Batch batch, int from, int to, String key, String lane) {

    /** So that their offsets fit into a header: two numbers each, mostly of one or two digits. */
    static final int MOST_RUNS = 500;

    int size() {
        return to - from;
    }

    long firstOffset() {
        return batch.offset(from);
    }

    long lastOffset() {
        return batch.offset(to - 1);
    }

    /** The first offset, then by turns how many entries follow each other and how many offsets are left out. */
    String offsets() {
        StringBuilder text = new StringBuilder().append(firstOffset());
        int runFrom = from;
        for (int i = from + 1; i <= to; i++) {
            if (i == to) {
                return text.append(' ').append(i - runFrom).toString();
            }
            long gap = batch.offset(i) - batch.offset(i - 1) - 1;
            if (gap > 0) {
                text.append(' ').append(i - runFrom).append(' ').append(gap);
                runFrom = i;
            }
        }
        return text.toString();
    }
}
