package io.monitoringhub.testservers;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs requests without a body as S3 wants them (version 4), so that a test need not have the SDK that it tests. Immutable. */
final class S3Signature {

    private static final HexFormat HEX = HexFormat.of();
    private static final HexFormat UPPER = HEX.withUpperCase();
    private static final String UNSIGNED = "-_.~";
    private static final String NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final int DATE_LENGTH = 8;

    private final String id;
    private final String secret;
    private final String region;

    S3Signature(String id, String secret, String region) {
        this.id = id;
        this.secret = secret;
        this.region = region;
    }

    /** The headers that a request must have. @param query in the order of its names @param time such as 20261122T093000Z */
    Map<String, String> headers(String method, String host, String path, String query, String time) {
        String signed = "host;x-amz-content-sha256;x-amz-date";
        String request = String.join("\n", method, path, query, "host:" + host, "x-amz-content-sha256:" + NOTHING, "x-amz-date:" + time, "", signed,
                NOTHING);
        String date = time.substring(0, DATE_LENGTH);
        String scope = date + "/" + region + "/s3/aws4_request";
        try {
            String digest = HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(request.getBytes(StandardCharsets.UTF_8)));
            byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
            for (String part : new String[] {date, region, "s3", "aws4_request"}) {
                key = mac(key, part);
            }
            String signature = HEX.formatHex(mac(key, String.join("\n", "AWS4-HMAC-SHA256", time, scope, digest)));
            return Map.of("x-amz-date", time, "x-amz-content-sha256", NOTHING, "Authorization",
                    "AWS4-HMAC-SHA256 Credential=" + id + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] mac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Percent-encodes all that a signature wants encoded. */
    static String encoded(String text, boolean isPath) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean isPlain = c < 0x80 && Character.isLetterOrDigit(c) || UNSIGNED.indexOf(c) >= 0 || isPath && c == '/';
            encoded.append(isPlain ? String.valueOf(c) : "%" + UPPER.toHexDigits(b));
        }
        return encoded.toString();
    }
}
