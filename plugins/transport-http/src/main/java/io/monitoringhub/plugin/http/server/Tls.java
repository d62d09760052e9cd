package io.monitoringhub.plugin.http.server;

import io.monitoringhub.plugin.stream.pem.Pem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.util.List;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS from PEM files, which are read again when they change. Used by one thread at a time. */
final class Tls {

    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    /** Of the key store in memory. */
    private static final String PASSWORD = "in memory";

    private final String owner;
    private final TlsFiles files;
    private final SslContextFactory.Server context = new SslContextFactory.Server();
    private List<String> state;

    /** @throws IOException when the files can't be used; the message says what to do */
    Tls(String owner, TlsFiles files) throws IOException {
        this.owner = owner;
        this.files = files;
        this.state = files.state();
        context.setIncludeProtocols("TLSv1.2", "TLSv1.3");
        context.setEndpointIdentificationAlgorithm(null);
        context.setSniRequired(false);
        context.setRenegotiationAllowed(false);
        fill(context);
    }

    SslContextFactory.Server context() {
        return context;
    }

    private void fill(SslContextFactory to) throws IOException {
        Certificate[] chain = Pem.certificates(files.certificate());
        PrivateKey key = Pem.key(files.key());
        if (!belongTogether(key, chain[0])) {
            throw new IOException(files.key() + " is not the key of the certificate in " + files.certificate());
        }
        try {
            KeyStore own = empty();
            own.setKeyEntry("hub", key, PASSWORD.toCharArray(), chain);
            to.setKeyStore(own);
            to.setKeyStorePassword(PASSWORD);
            to.setKeyManagerPassword(PASSWORD);
            if (files.clientCa().isPresent()) {
                KeyStore trusted = empty();
                int number = 0;
                for (Certificate authority : Pem.certificates(files.clientCa().get())) {
                    trusted.setCertificateEntry("ca-" + number++, authority);
                }
                to.setTrustStore(trusted);
                context.setNeedClientAuth(true);
            }
        } catch (GeneralSecurityException bad) {
            throw new IOException(files.certificate() + " and " + files.key() + " can't be used: " + bad.getMessage(), bad);
        }
    }

    private static boolean belongTogether(PrivateKey key, Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        try {
            byte[] probe = {1, 2, 3};
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(probe);
            return verifier.verify(signer.sign());
        } catch (GeneralSecurityException other) {
            return false;
        }
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** Reads the files again if they have changed. Files that can't be used change nothing. */
    void follow() {
        try {
            List<String> now = files.state();
            if (now.equals(state)) {
                return;
            }
            state = now;
            context.reload(factory -> {
                try {
                    fill(factory);
                } catch (IOException bad) {
                    throw new IllegalArgumentException(bad.getMessage(), bad);
                }
            });
            LOG.info("{}: certificate {} was read again; new connections get it", owner, files.certificate());
        } catch (Exception bad) { // Jetty declares it
            LOG.error("{}: the changed certificate or key can't be used, the one before stays: {}", owner, bad.getMessage());
        }
    }
}
