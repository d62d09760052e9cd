package io.monitoringhub.plugin.stream;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate in use, and what replaces it when its files change. Connections keep what they began with. Thread-safe, but for
 * {@link #reload}, which is called by one thread at a time.
 */
final class Tls {

    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final Pattern PEM_KEY = Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END");
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
        PrivateKey key = key(files.key(), chain[0].getPublicKey().getAlgorithm());
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
        try {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
            X509Certificate[] chain = found.toArray(X509Certificate[]::new);
            if (chain.length == 0) {
                throw new IOException(file + " holds no certificate: expected PEM, '-----BEGIN CERTIFICATE-----'");
            }
            chain[0].checkValidity();
            return chain;
        } catch (CertificateExpiredException | CertificateNotYetValidException outOfTime) {
            throw new IOException(file + " is not valid now (" + outOfTime.getMessage() + "): renew the certificate, or set the clock", outOfTime);
        } catch (GeneralSecurityException notPem) {
            throw new IOException(file + " holds no certificate that can be read (" + notPem.getMessage()
                    + "): expected PEM, '-----BEGIN CERTIFICATE-----'", notPem);
        } catch (FileSystemException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    private static IOException unreadable(Path file, FileSystemException failure) {
        return new IOException(file + " can't be read (" + (failure.getReason() == null ? failure.getClass().getSimpleName() : failure.getReason())
                + "): it must be there, and the hub's user must be allowed to read it", failure);
    }

    private static PrivateKey key(Path file, String algorithm) throws IOException {
        try {
            Matcher pem = PEM_KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
            if (!pem.find()) {
                throw new IOException(file + " holds no private key: expected PEM, '-----BEGIN PRIVATE KEY-----'");
            }
            if (!pem.group(1).isEmpty()) {
                throw new IOException(file + " holds a key of the form '" + pem.group(1) + "PRIVATE KEY', which is not read: convert it with"
                        + " 'openssl pkcs8 -topk8 -nocrypt -in " + file.getFileName() + " -out new.pem'");
            }
            byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            throw new IOException(file + " holds no " + algorithm + " key, which its certificate needs (" + broken.getMessage() + ")", broken);
        } catch (CharacterCodingException binary) {
            throw new IOException(file + " is no text: expected PEM, '-----BEGIN PRIVATE KEY-----'", binary);
        } catch (FileSystemException unreadable) {
            throw unreadable(file, unreadable);
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
