package io.monitoringhub.plugin.stream;

import io.monitoringhub.plugin.stream.pem.Pem;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate in use, and what replaces it when its files change. Connections keep what they began with. Thread-safe, but for
 * {@link #reload}, which is called by one thread at a time.
 */
final class Tls {

    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    /** By the name of a key's algorithm, that of signatures. */
    private static final Map<String, String> SIGNATURES = Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    private final TlsFiles files;
    private final Duration handshake;
    private final Troubles troubles;
    private volatile SslContext current;
    private String state;

    private Tls(TlsFiles files, Duration handshake, Troubles troubles, SslContext current, String state) {
        this.files = files;
        this.handshake = handshake;
        this.troubles = troubles;
        this.current = current;
        this.state = state;
    }

    /** @throws IOException when the files can't be used; the message says which, why, and what to do */
    static Tls open(TlsFiles files, Duration handshake, Troubles troubles) throws IOException {
        String state = files.state();
        return new Tls(files, handshake, troubles, read(files), state);
    }

    /** What encrypts one new connection. */
    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = current.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshake.toMillis());
        return handler;
    }

    /** Uses the files anew if they have changed. Bad ones change nothing but health. */
    void reload() {
        String now = files.state();
        if (now.equals(state)) {
            return;
        }
        state = now;
        try {
            current = read(files);
            troubles.end("tls");
            LOG.info("the certificate {} was read anew; connections that are open keep the old one", files.certificate());
        } catch (IOException bad) {
            LOG.warn("{}. The certificate that was read before stays in use", bad.getMessage());
            troubles.begin("tls", bad.getMessage() + ". The certificate that was read before stays in use");
        } catch (RuntimeException fault) {
            // Or the files would never be looked at again.
            LOG.error("{} was not read anew because of a fault of the hub; the certificate that was read before stays in use", files.certificate(),
                    fault);
            troubles.begin("tls", files.certificate() + " was not read anew because of a fault of the hub: " + fault);
        }
    }

    private static SslContext read(TlsFiles files) throws IOException {
        X509Certificate[] chain = certificates(files.certificate());
        PrivateKey key = Pem.key(files.key());
        requireMatch(files, chain[0].getPublicKey(), key);
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain).sslProvider(SslProvider.JDK).protocols(files.protocols());
        if (!files.ciphers().isEmpty()) {
            builder.ciphers(files.ciphers());
        }
        if (files.clientCa().isPresent()) {
            builder.trustManager(certificates(files.clientCa().get())).clientAuth(ClientAuth.REQUIRE);
        }
        try {
            return builder.build();
        } catch (IllegalArgumentException | IOException unusable) {
            throw new IOException("TLS can't be used with " + files.certificate() + ": " + unusable.getMessage() + ". See tls.protocols and"
                    + " tls.ciphers", unusable);
        }
    }

    private static X509Certificate[] certificates(Path file) throws IOException {
        X509Certificate[] chain = Stream.of(Pem.certificates(file)).map(X509Certificate.class::cast).toArray(X509Certificate[]::new);
        try {
            chain[0].checkValidity();
            return chain;
        } catch (CertificateExpiredException | CertificateNotYetValidException outOfTime) {
            throw new IOException(file + " is not valid now (" + outOfTime.getMessage() + "): renew the certificate, or set the clock", outOfTime);
        }
    }

    private static void requireMatch(TlsFiles files, PublicKey publicKey, PrivateKey key) throws IOException {
        try {
            byte[] text = {1, 2, 3};
            Signature signature = Signature.getInstance(SIGNATURES.getOrDefault(publicKey.getAlgorithm(), publicKey.getAlgorithm()));
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(text);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException unfit) {
            throw new IOException(files.key() + " can't be used with " + files.certificate() + " (" + unfit.getMessage() + ")", unfit);
        }
        throw new IOException(files.key() + " is not the key of " + files.certificate() + ": tls.key and tls.certificate belong together");
    }
}
