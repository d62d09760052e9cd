package io.monitoringhub.plugin.http;

import static io.monitoringhub.plugin.http.Requests.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates that openssl made, seen with curl and openssl. */
@Timeout(180)
class TlsTest {

    @TempDir
    private Path folder;
    private HttpHub hub;

    @BeforeEach
    void makeCertificates() throws Exception {
        Files.writeString(folder.resolve("message.json"), message(1));
        authority("ca");
        certificate("server", "ca");
    }

    @AfterEach
    void stop() throws Exception {
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    void messages_come_over_tls_1_2_and_1_3_and_nothing_older() throws Exception {
        start(Map.of());
        assertThat(post("--cacert ca.pem --tlsv1.2 --tls-max 1.2")).isEqualTo("202");
        assertThat(post("--cacert ca.pem --tlsv1.3")).isEqualTo("202");
        assertThat(post("--cacert ca.pem --tlsv1.1 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0")).isEqualTo("000");
        assertThat(hub.stored()).hasSize(2);
    }

    @Test
    void a_client_without_the_right_certificate_is_turned_away() throws Exception {
        authority("clients");
        authority("strangers");
        certificate("client", "clients");
        certificate("stranger", "strangers");
        start(Map.of("tls.client_ca", folder.resolve("clients.pem").toString()));
        assertThat(post("--cacert ca.pem")).isEqualTo("000");
        assertThat(post("--cacert ca.pem --cert stranger.pem --key stranger.key")).isEqualTo("000");
        assertThat(post("--cacert ca.pem --cert client.pem --key client.key")).isEqualTo("202");
        assertThat(hub.stored()).hasSize(1);
    }

    @Test
    void a_new_certificate_is_used_without_a_restart_and_a_bad_one_is_not() throws Exception {
        start(Map.of());
        Files.writeString(folder.resolve("server.pem"), "nonsense");
        authority("next");
        Await.until("the bad file was looked at and the old certificate is used", Duration.ofSeconds(60),
                () -> post("--cacert ca.pem").equals("202"), () -> "");
        certificate("fresh", "next");
        Files.move(folder.resolve("fresh.key"), folder.resolve("server.key"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(folder.resolve("fresh.pem"), folder.resolve("server.pem"), StandardCopyOption.REPLACE_EXISTING);
        Await.until("the new certificate is used", Duration.ofSeconds(60), () -> post("--cacert next.pem").equals("202"), () -> "");
        assertThat(post("--cacert ca.pem")).isEqualTo("000");
    }

    @Test
    void keys_in_both_forms_of_pem_are_read_and_others_are_explained() throws Exception {
        openssl("pkey -in server.key -traditional -out rsa.key");
        assertThat(Files.readString(folder.resolve("rsa.key"))).contains("BEGIN RSA PRIVATE KEY");
        start(Map.of("tls.key", folder.resolve("rsa.key").toString()));
        assertThat(post("--cacert ca.pem")).isEqualTo("202");
        hub.stopTransport();
        assertThatThrownBy(() -> hub.startTransport(tls(Map.of("tls.key", folder.resolve("ca.key").toString()))))
                .isInstanceOf(IOException.class).hasMessageContaining("is not the key of the certificate");
        assertThatThrownBy(() -> hub.startTransport(tls(Map.of("tls.key", folder.resolve("nowhere.key").toString()))))
                .isInstanceOf(IOException.class).hasMessageContaining("nowhere.key");
        openssl("pkcs8 -topk8 -in server.key -passout pass:secret -out locked.key");
        assertThatThrownBy(() -> hub.startTransport(tls(Map.of("tls.key", folder.resolve("locked.key").toString()))))
                .isInstanceOf(IOException.class).hasMessageContaining("openssl pkcs8 -topk8 -nocrypt");
        hub.startTransport(tls(Map.of()));
        assertThat(post("--cacert ca.pem")).isEqualTo("202");
    }

    private void start(Map<String, Object> more) throws Exception {
        hub = HttpHub.start(folder.resolve("hub"), tls(more));
    }

    private Map<String, Object> tls(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(Map.of("tls.certificate", folder.resolve("server.pem").toString(),
                "tls.key", folder.resolve("server.key").toString()));
        all.putAll(more);
        return all;
    }

    /** @return the status; 000 if there was no answer */
    private String post(String options) throws Exception {
        return run("curl -s -o /dev/null -w '%{http_code}' --max-time 20 " + options
                + " -H 'Content-Type: application/json' --data-binary @message.json https://localhost:" + hub.port() + IngestServlet.EVENTS, false);
    }

    private void authority(String name) throws Exception {
        openssl("req -x509 -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name + ".pem -subj /CN=" + name + " -days 2");
    }

    private void certificate(String name, String authority) throws Exception {
        Files.writeString(folder.resolve("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
        openssl("req -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name + ".csr -subj /CN=" + name);
        openssl("x509 -req -in " + name + ".csr -CA " + authority + ".pem -CAkey " + authority + ".key -CAcreateserial -days 2 -extfile names -out "
                + name + ".pem");
    }

    private void openssl(String arguments) throws Exception {
        run("openssl " + arguments, true);
    }

    private String run(String command, boolean mustSucceed) throws Exception {
        Path output = Files.createTempFile(folder, "run", ".out");
        Process process = new ProcessBuilder("bash", "-c", command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
        String printed = Files.readString(output);
        assertThat(!mustSucceed || process.exitValue() == 0).as("%s: %s", command, printed).isTrue();
        return printed;
    }
}
