package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/**
 * Puts, replaces and takes away objects in the bucket.
 *
 * <p>Used by one thread at a time.
 */
final class ObjectStore implements Stretches.Putter, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectStore.class);

    private final S3Settings settings;
    private final S3Link link;

    ObjectStore(S3Settings settings, S3Link link) {
        this.settings = settings;
        this.link = link;
    }

    /** Writes the lines of one object. */
    private interface Lines {
        void to(OutputStream out) throws IOException;
    }

    /** Asks for the bucket. Whoever may put objects need not be allowed to list them: then the first object will tell. */
    void check() throws DeliveryException, InterruptedException {
        boolean isAllowed = link.isAllowed("reach bucket '" + settings.bucket() + "'",
                client -> client.listObjectsV2(request -> request.bucket(settings.bucket()).prefix(settings.keyPrefix()).maxKeys(1)));
        if (!isAllowed) {
            LOG.debug("bucket '{}' may not be listed, its first object will show whether it can be written to", settings.bucket());
        }
    }

    @Override
    public void put(Stretch stretch, Plan plan) throws DeliveryException, InterruptedException {
        Set<String> unused = new TreeSet<>();
        plan.stems().forEach(stem -> unused.add(plan.key(stem)));
        for (String stem : stretch.stems()) {
            String key = plan.key(stem);
            unused.remove(key);
            if (!stretch.isDone(key)) {
                put(key, out -> stretch.copy(stem, out));
                stretch.done(key);
            }
        }
        for (String key : unused) {
            if (!stretch.isDone(key)) {
                link.call("delete object '" + key + "' of bucket '" + settings.bucket() + "'",
                        client -> client.deleteObject(request -> request.bucket(settings.bucket()).key(key)));
                stretch.done(key);
            }
        }
    }

    /** Puts an object of one line. */
    void putLine(String key, ByteBuffer message) throws DeliveryException, InterruptedException {
        byte[] line = new byte[message.remaining() + 1];
        message.get(line, 0, line.length - 1);
        line[line.length - 1] = '\n';
        put(key, out -> out.write(line));
    }

    private void put(String key, Lines lines) throws DeliveryException, InterruptedException {
        ObjectUpload upload = new ObjectUpload(settings, link, key, () -> abortOlderUploads(key));
        try {
            try (OutputStream compressed = settings.compression().to(upload)) {
                lines.to(compressed);
            }
            upload.finish();
        } catch (ObjectUpload.CarriedException e) {
            if (!e.isInterrupt()) {
                upload.abandon();
            }
            e.rethrow();
        } catch (IOException e) {
            upload.abandon();
            throw new TransientDeliveryException("cannot read the spool of object '" + key + "' (" + e + "); is the disk full?", e);
        }
    }

    /** A crash can have left parts of this object behind, which cost money until they are aborted. */
    private void abortOlderUploads(String key) throws DeliveryException, InterruptedException {
        String what = "abort an unfinished upload of object '" + key + "' of bucket '" + settings.bucket() + "'";
        link.isAllowed(what, client -> {
            ListMultipartUploadsResponse found = client.listMultipartUploads(request -> request.bucket(settings.bucket()).prefix(key));
            for (MultipartUpload each : found.uploads()) {
                if (each.key().equals(key)) {
                    client.abortMultipartUpload(request -> request.bucket(settings.bucket()).key(key).uploadId(each.uploadId()));
                }
            }
            return found;
        });
    }

    @Override
    public void close() {
        link.close();
    }
}
