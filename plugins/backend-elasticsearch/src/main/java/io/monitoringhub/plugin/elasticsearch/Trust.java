package io.monitoringhub.plugin.elasticsearch;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom TLS takes for the server: those that authorities of a file vouch for, those with a fingerprint, or anybody.
 *
 * <p>Immutable.
 */
final class Trust {

    /** The configuration names something that can't be used. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private Trust() { }

    /** Certificates that lead to one of this file; the host's name is compared. */
    static SSLContext authorities(Path file) throws UnusableException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
            int number = 0;
            for (Certificate each : found) {
                store.setCertificateEntry("ca-" + number++, each);
            }
            if (number == 0) {
                throw new UnusableException(file + " holds no certificate: expected PEM, '-----BEGIN CERTIFICATE-----'", null);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return context(factory.getTrustManagers());
        } catch (CertificateException e) {
            throw new UnusableException(file + " holds no certificate that can be read: expected PEM, '-----BEGIN CERTIFICATE-----'", e);
        } catch (IOException | GeneralSecurityException e) {
            throw new UnusableException(file + " can't be read (" + e + "): it must be there, and the hub's user must be allowed to read it", e);
        }
    }

    /** A chain with the certificate of this SHA-256 in it, which vouches for what stands before it; names are not compared. */
    static SSLContext fingerprint(String sha256) throws UnusableException {
        return context(new Anybody() {
            @Override
            void check(X509Certificate[] chain) throws CertificateException {
                requireFingerprint(chain, sha256);
            }
        });
    }

    /** No check at all. */
    static SSLContext anybody() throws UnusableException {
        return context(new Anybody());
    }

    private static SSLContext context(TrustManager... trust) throws UnusableException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new UnusableException("this JVM can't do TLS: " + e.getMessage(), e);
        }
    }

    private static void requireFingerprint(X509Certificate[] chain, String sha256) throws CertificateException {
        try {
            for (int i = 0; i < chain.length; i++) {
                chain[i].checkValidity();
                if (HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(chain[i].getEncoded())).equals(sha256)) {
                    return;
                }
                if (i + 1 < chain.length) {
                    chain[i].verify(chain[i + 1].getPublicKey());
                    if (chain[i + 1].getBasicConstraints() < 0) {
                        break;
                    }
                }
            }
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the server's certificates don't vouch for each other: " + e.getMessage(), e);
        }
        throw new CertificateException("the server's certificate is not the one of tls.fingerprint, nor signed by it");
    }

    /** Extends the extended class: the JDK compares host names around all others. */
    private static class Anybody extends X509ExtendedTrustManager {

        /** @throws CertificateException when these are not the server's certificates */
        void check(X509Certificate[] chain) throws CertificateException { }

        @Override
        public final void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            check(chain);
        }

        @Override
        public final void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            check(chain);
        }

        @Override
        public final void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public final void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public final void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public final void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public final X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
