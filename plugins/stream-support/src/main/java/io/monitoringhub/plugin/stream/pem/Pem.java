package io.monitoringhub.plugin.stream.pem;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM files, with the JDK alone. What is wrong with one is said with its name and what to do. */
public final class Pem {

    private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]*)-----END \\1-----");
    private static final long MOST_BYTES = 1 << 20;
    /** AlgorithmIdentifier of RSA, as PKCS#8 puts it before a key of PKCS#1. */
    private static final byte[] RSA = {0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01,
        0x01, 0x01, 0x05, 0x00};

    private Pem() {
    }

    /** All certificates of a file, at least one. */
    public static Certificate[] certificates(Path file) throws IOException {
        try {
            Certificate[] all = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes(file)))
                    .toArray(Certificate[]::new);
            if (all.length == 0) {
                throw new IOException(file + " holds no certificate: expected PEM, -----BEGIN CERTIFICATE-----");
            }
            return all;
        } catch (CertificateException bad) {
            throw new IOException(file + " holds no certificate that can be read: expected PEM, -----BEGIN CERTIFICATE----- (" + bad.getMessage() + ")",
                    bad);
        }
    }

    /** The private key of a file: RSA, EC or EdDSA, without a password. */
    public static PrivateKey key(Path file) throws IOException {
        Matcher pem = KEY.matcher(new String(bytes(file), StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new IOException(file + " holds no private key: expected PEM, -----BEGIN PRIVATE KEY-----");
        }
        String kind = pem.group(1);
        if (!kind.equals("PRIVATE KEY") && !kind.equals("RSA PRIVATE KEY") || pem.group(2).contains(":")) {
            throw new IOException(file + " holds a key of the form '" + kind + "': expected 'PRIVATE KEY' without a password. Convert it:"
                    + " openssl pkcs8 -topk8 -nocrypt -in " + file.getFileName() + " -out new.pem");
        }
        byte[] der = decoded(file, pem.group(2));
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(kind.startsWith("RSA") ? wrapped(der) : der);
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException other) {
                // The next one.
            }
        }
        throw new IOException(file + " holds a private key of no known kind: expected RSA, EC or EdDSA");
    }

    private static byte[] decoded(Path file, String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException bad) {
            throw new IOException(file + " is damaged: " + bad.getMessage(), bad);
        }
    }

    private static byte[] wrapped(byte[] rsa) {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        inner.writeBytes(RSA);
        tagged(inner, 0x04, rsa);
        ByteArrayOutputStream outer = new ByteArrayOutputStream();
        tagged(outer, 0x30, inner.toByteArray());
        return outer.toByteArray();
    }

    private static void tagged(ByteArrayOutputStream to, int tag, byte[] content) {
        to.write(tag);
        if (content.length < 128) {
            to.write(content.length);
        } else {
            int sizeBytes = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
            to.write(0x80 | sizeBytes);
            for (int shift = (sizeBytes - 1) * 8; shift >= 0; shift -= 8) {
                to.write(content.length >> shift);
            }
        }
        to.writeBytes(content);
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException(file + " is too large for a PEM file");
            }
            return Files.readAllBytes(file);
        } catch (FileSystemException unreadable) {
            throw new IOException(file + " can't be read (" + (unreadable.getReason() == null ? unreadable.getClass().getSimpleName()
                    : unreadable.getReason()) + "): it must be there, and the hub's user must be allowed to read it", unreadable);
        }
    }
}
