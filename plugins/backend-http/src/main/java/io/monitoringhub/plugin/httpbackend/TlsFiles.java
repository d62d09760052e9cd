package io.monitoringhub.plugin.httpbackend;

import io.monitoringhub.plugin.stream.pem.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The PEM files that TLS is configured with. Immutable.
 *
 * @param ca whom to trust; empty for those that Java trusts
 * @param certificate what to show to the server
 * @param key its private key
 */
record TlsFiles(Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {

    /** Of the key store in memory. */
    private static final char[] PASSWORD = "in memory".toCharArray();

    boolean isEmpty() {
        return ca.isEmpty() && certificate.isEmpty();
    }

    /** @throws IOException when the files can't be used; the message says which, why, and what to do */
    SSLContext context() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            KeyStore own = empty();
            if (certificate.isPresent() && key.isPresent()) {
                own.setKeyEntry("hub", Pem.key(key.get()), PASSWORD, Pem.certificates(certificate.get()));
            }
            keys.init(own, PASSWORD);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(ca.isPresent() ? trusted(ca.get()) : null);
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unfit) {
            throw new IOException("tls.certificate, tls.key and tls.ca can't be used: " + unfit.getMessage(), unfit);
        }
    }

    private static KeyStore trusted(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate authority : Pem.certificates(file)) {
            store.setCertificateEntry("ca-" + number++, authority);
        }
        return store;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
