package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.plugin.elasticsearch.Cluster.Body;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * The body of a bulk request: as many entries of a batch as its size allows. The same memory serves one request after the other.
 *
 * <p>Used by one thread at a time.
 */
final class BulkRequest {

    private static final String TYPE = "application/x-ndjson";

    private final int most;
    private final boolean isGzip;
    private final IndexName names;
    private final Documents documents = new Documents();
    private final JsonText text = new JsonText();
    private int[] entries = new int[64];
    private int count;

    BulkRequest(ElasticsearchSettings settings) {
        most = settings.maxBody();
        isGzip = settings.gzip();
        names = new IndexName(settings.index());
    }

    /**
     * Takes entries from this index on.
     *
     * @param rejected gets those that can't be made a document
     * @return the index of the first one that it has no room for, or the batch's size
     */
    int fill(Batch batch, int from, List<Rejection> rejected) {
        text.clear();
        count = 0;
        if (entries.length < batch.size()) {
            entries = new int[batch.size()];
        }
        for (int i = from; i < batch.size(); i++) {
            int before = text.length();
            text.raw("{\"create\":{\"_index\":").string(names.of(batch.type(i), batch.receivedAt(i))).raw(",\"_id\":")
                    .string(batch.logId() + "-" + batch.offset(i)).raw("}}\n");
            try {
                documents.write(batch, i, text);
            } catch (IOException e) {
                text.cutTo(before);
                rejected.add(new Rejection(batch.offset(i), "encoding", "no document can be made of it: " + e.getMessage()));
                continue;
            }
            text.raw('\n');
            if (text.length() > most && count > 0) {
                text.cutTo(before);
                return i;
            }
            entries[count++] = i;
        }
        return batch.size();
    }

    /** How many entries it has. */
    int count() {
        return count;
    }

    /** The index in the batch of an item. */
    int entry(int item) {
        return entries[item];
    }

    /** What is to be sent; valid until the next {@link #fill}. */
    Body body() {
        if (!isGzip) {
            return new Body(text.array(), text.length(), TYPE, false);
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream(text.length() / 4 + 64);
        try (GZIPOutputStream gzip = new FastGzip(packed)) {
            gzip.write(text.array(), 0, text.length());
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return new Body(packed.toByteArray(), packed.size(), TYPE, true);
    }

    /** JSON of a kind is packed well enough by the quickest level. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 64 << 10);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
