package io.monitoringhub.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Elasticsearch 8, bare: without data streams and the page at its root. Used by one thread at a time. */
public final class ElasticsearchServer extends SearchServer {

    /** Who may do everything, on a server that is {@link #secured}. */
    public static final String USER = "hub";
    /** Who may write to indices {@code granted-*} and put templates, no more. */
    public static final String WRITER = "writer";
    /** Who may look at the cluster, no more. */
    public static final String VISITOR = "visitor";
    /** The password of each of them. */
    public static final String PASSWORD = "secret-word";

    /** As {@code elasticsearch-users useradd} stores it. */
    private static final String HASHED = "$2a$10$GExhqJKpSmk/0fNmw4F9w.RHXCvxmX9UIme5b9oVodxsbo1HyUZVO";

    private boolean isSecured;
    private Path certificate;

    /** @param folder for this server alone */
    public ElasticsearchServer(Path folder) throws IOException {
        super("elasticsearch", folder);
        with("xpack.security.enabled", "false");
    }

    /** With users, and TLS by a certificate for {@code localhost} that signs itself; before the first start. */
    public ElasticsearchServer secured() {
        isSecured = true;
        with("xpack.security.enabled", "true").with("xpack.security.transport.ssl.enabled", "false")
                .with("xpack.security.http.ssl.enabled", "true").with("xpack.security.http.ssl.key", "server.key")
                .with("xpack.security.http.ssl.certificate", "server.pem");
        return this;
    }

    @Override
    void prepare(Path home) throws IOException, InterruptedException {
        Path config = home.resolve("config");
        Files.write(config.resolve("jvm.options"), List.of("-Xms384m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=${ES_TMPDIR}", "--add-modules=jdk.incubator.vector"));
        if (isSecured) {
            Files.write(config.resolve("users"), List.of(USER + ":" + HASHED, WRITER + ":" + HASHED, VISITOR + ":" + HASHED));
            Files.write(config.resolve("users_roles"), List.of("superuser:" + USER, "writes:" + WRITER, "looks:" + VISITOR));
            Files.writeString(config.resolve("roles.yml"), """
                    writes:
                      cluster: [ monitor, manage_index_templates ]
                      indices:
                        - names: [ 'granted-*' ]
                          privileges: [ auto_configure, create_index, create_doc ]
                    looks:
                      cluster: [ monitor ]
                    """);
            ServerProcess.run(List.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", config.resolve("server.key").toString(), "-out",
                    config.resolve("server.pem").toString()));
        }
        certificate = config.resolve("server.pem");
    }

    /** The certificate of a server that is {@link #secured}, as PEM; there once it was started. */
    public Path certificate() {
        return certificate;
    }

    @Override
    public String url() {
        return isSecured ? "https://localhost:" + port() : super.url();
    }

    @Override
    ProcessBuilder command(Path home) {
        ProcessBuilder command = new ProcessBuilder(home.resolve("bin/elasticsearch").toString());
        command.environment().put("ES_JAVA_HOME", System.getProperty("java.home"));
        command.environment().put("ES_TMPDIR", home.resolve("temp").toString());
        command.environment().put("CLI_JAVA_OPTS", "-Xmx64m -XX:TieredStopAtLevel=1");
        return command;
    }

    @Override
    HttpURLConnection connect(String path) throws IOException {
        HttpURLConnection connection = super.connect(path);
        if (connection instanceof HttpsURLConnection encrypted) {
            encrypted.setSSLSocketFactory(trusting().getSocketFactory());
            encrypted.setRequestProperty("Authorization", "Basic " + Base64.getEncoder()
                    .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8)));
        }
        return connection;
    }

    private SSLContext trusting() throws IOException {
        try (InputStream pem = Files.newInputStream(certificate)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("server", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot trust " + certificate + ": " + e.getMessage(), e);
        }
    }
}
