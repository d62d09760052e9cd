package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.DeliveryException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * The bytes of one object on their way: in one request if they fit into one part, else part by part. Holds one part at most.
 *
 * <p>Used by one thread at a time.
 */
final class ObjectUpload extends OutputStream {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectUpload.class);
    private static final int FIRST_BUFFER = 1 << 16;

    private final S3Settings settings;
    private final S3Link link;
    private final String key;
    private final Before before;
    private final List<CompletedPart> parts = new ArrayList<>();
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int length;
    private String uploadId;
    private boolean hasFailed;

    /** @param before what to do before an upload in parts begins */
    ObjectUpload(S3Settings settings, S3Link link, String key, Before before) {
        this.settings = settings;
        this.link = link;
        this.key = key;
        this.before = before;
    }

    /** Something that talks to the store. */
    interface Before {
        void run() throws DeliveryException, InterruptedException;
    }

    /** Carries what a request threw through streams that know of {@link IOException} only. */
    static final class CarriedException extends IOException {
        private static final long serialVersionUID = 1L;

        private CarriedException(Exception cause) {
            super(cause);
        }

        /** Whether the thread is wanted back. */
        boolean isInterrupt() {
            return getCause() instanceof InterruptedException;
        }

        /** Throws what it carries. */
        void rethrow() throws DeliveryException, InterruptedException {
            if (getCause() instanceof InterruptedException interrupt) {
                throw interrupt;
            }
            throw (DeliveryException) getCause();
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int count) throws IOException {
        if (hasFailed) {
            throw new IOException("a part of this object could not be sent");
        }
        int done = 0;
        while (done < count) {
            if (length == settings.partSize()) {
                sendPart();
            }
            int now = Math.min(count - done, settings.partSize() - length);
            if (length + now > buffer.length) {
                buffer = Arrays.copyOf(buffer, (int) Math.min(settings.partSize(), Math.max(length + now, buffer.length * 2L)));
            }
            System.arraycopy(from, offset + done, buffer, length, now);
            length += now;
            done += now;
        }
    }

    private void sendPart() throws CarriedException {
        try {
            if (uploadId == null) {
                before.run();
                uploadId = link.call("begin an upload of" + object(), client -> client.createMultipartUpload(request -> {
                    request.bucket(settings.bucket()).key(key).contentType(settings.compression().contentType());
                    settings.encryption().ifPresent(request::serverSideEncryption);
                    settings.kmsKey().ifPresent(request::ssekmsKeyId);
                    settings.storageClass().ifPresent(request::storageClass);
                })).uploadId();
            }
            int number = parts.size() + 1;
            String tag = link.call("put part " + number + " of" + object(), client -> client.uploadPart(request -> request.bucket(settings.bucket())
                    .key(key).uploadId(uploadId).partNumber(number).contentMD5(md5()), body())).eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            length = 0;
        } catch (DeliveryException | InterruptedException e) {
            // A compressing stream writes its end when it is closed, whatever happened before.
            hasFailed = true;
            throw new CarriedException(e);
        }
    }

    /** Sends what is left; after that the object is there, as a whole. */
    void finish() throws IOException {
        if (uploadId != null && length > 0) {
            sendPart();
        }
        try {
            if (uploadId == null) {
                link.call("put" + object(), client -> client.putObject(request -> {
                    request.bucket(settings.bucket()).key(key).contentType(settings.compression().contentType()).contentMD5(md5());
                    settings.encryption().ifPresent(request::serverSideEncryption);
                    settings.kmsKey().ifPresent(request::ssekmsKeyId);
                    settings.storageClass().ifPresent(request::storageClass);
                }, body()));
            } else {
                link.call("complete" + object(), client -> client.completeMultipartUpload(request -> request.bucket(settings.bucket()).key(key)
                        .uploadId(uploadId).multipartUpload(all -> all.parts(parts))));
                uploadId = null;
            }
        } catch (DeliveryException | InterruptedException e) {
            throw new CarriedException(e);
        }
    }

    /** Aborts an upload in parts that failed; if that fails too, the next attempt does it, or the lifecycle rule of the bucket. */
    void abandon() throws InterruptedException {
        if (uploadId == null) {
            return;
        }
        try {
            link.call("abort the upload of" + object(),
                    client -> client.abortMultipartUpload(request -> request.bucket(settings.bucket()).key(key).uploadId(uploadId)));
        } catch (DeliveryException e) {
            LOG.debug("{}; the next attempt does it", e.getMessage());
        }
    }

    private String object() {
        return " object '" + key + "' of bucket '" + settings.bucket() + "'";
    }

    private RequestBody body() {
        byte[] content = buffer;
        int count = length;
        return RequestBody.fromContentProvider(() -> new ByteArrayInputStream(content, 0, count), count, settings.compression().contentType());
    }

    private String md5() {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(buffer, 0, length);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
