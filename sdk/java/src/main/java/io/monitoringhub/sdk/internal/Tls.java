package io.monitoringhub.sdk.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Whom to trust and who we are, in PEM files. They are read for each connection, so that renewed ones count from the next. Immutable.
 *
 * @param ca who may have signed the other side's certificate; empty: whom the JVM trusts
 * @param certificate of this program, with those between it and an authority
 * @param key its private key, PKCS #8 without a password
 */
public record Tls(Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {

    private static final Pattern PRIVATE_KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = {};

    /** For one connection to this host, whose name its certificate must bear. */
    SSLEngine engine(String host, int port) throws IOException {
        SSLEngine engine = context().createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** What the files say; the exception names the one that is wrong. */
    public SSLContext context() throws IOException {
        if (certificate.isPresent() != key.isPresent()) {
            throw new IOException("tlsCert and tlsKey belong together: one of them is missing");
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(certificate.isPresent() ? keys(certificate.get(), key.get()) : null, ca.isPresent() ? trust(ca.get()) : null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trust(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        int count = 0;
        for (Certificate trusted : certificates("tlsCa", file)) {
            store.setCertificateEntry("ca" + count++, trusted);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(Path certificate, Path key) throws IOException, GeneralSecurityException {
        Certificate[] chain = certificates("tlsCert", certificate);
        Matcher pem = PRIVATE_KEY.matcher(new String(bytes("tlsKey", key), StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new IOException("tlsKey: " + key + " has no PKCS #8 key ('BEGIN PRIVATE KEY'): openssl pkcs8 -topk8 -nocrypt makes one");
        }
        KeyStore store = emptyStore();
        try {
            PrivateKey secret = KeyFactory.getInstance(chain[0].getPublicKey().getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
            store.setKeyEntry("key", secret, NO_PASSWORD, chain);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("tlsKey: " + key + " is not the key of the certificate in " + certificate + ": " + e.getMessage(), e);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate[] certificates(String option, Path file) throws IOException, GeneralSecurityException {
        try {
            Certificate[] found = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes(option, file)))
                    .toArray(new Certificate[0]);
            if (found.length > 0) {
                return found;
            }
        } catch (CertificateException e) {
            throw new IOException(option + ": " + file + " is no PEM file of certificates: " + e.getMessage(), e);
        }
        throw new IOException(option + ": " + file + " has no certificate: it must be a PEM file");
    }

    private static byte[] bytes(String option, Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(option + ": " + file + " cannot be read: " + e, e);
        }
    }
}
