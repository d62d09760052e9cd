package io.monitoringhub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.internal.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** Certificates that openssl makes in a folder: {@code <name>.pem} and {@code <name>.key}. Used by one thread at a time. */
final class TestCertificates {

    private final Path folder;

    TestCertificates(Path folder) {
        this.folder = folder;
    }

    Path pem(String name) {
        return folder.resolve(name + ".pem");
    }

    Path key(String name) {
        return folder.resolve(name + ".key");
    }

    void authority(String name) throws Exception {
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", key(name), "-out", pem(name));
    }

    /** For a host that is called so. {@code kind} is what openssl calls a kind of keys. */
    void signed(String name, String authority, String names, String... kind) throws Exception {
        Path extension = Files.writeString(folder.resolve(name + ".names"), "subjectAltName=" + names + "\n");
        Path request = folder.resolve(name + ".csr");
        openssl(Stream.of(new Object[] {"req", "-nodes", "-subj", "/CN=" + name, "-keyout", key(name), "-out", request, "-newkey"}, kind)
                .flatMap(Stream::of).toArray());
        openssl("x509", "-req", "-in", request, "-CA", pem(authority), "-CAkey", key(authority), "-CAcreateserial", "-days", "2", "-extfile", extension,
                "-out", pem(name));
    }

    private void openssl(Object... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of("openssl"), Stream.of(arguments).map(Object::toString)).toList();
        Path told = folder.resolve("openssl.out");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(told.toFile()).start();
        assertThat(process.waitFor()).as(() -> command + " " + told).isZero();
    }

    /** Sockets of a hub with this certificate, that speak these versions; {@code clients} names who signs clients, empty if they need nothing. */
    ServerSocketFactory hub(String certificate, Optional<String> clients, String... versions) throws IOException {
        SSLContext context = new Tls(clients.map(this::pem), Optional.of(pem(certificate)), Optional.of(key(certificate))).context();
        return new ServerSocketFactory() {
            @Override
            public ServerSocket createServerSocket() throws IOException {
                SSLServerSocket socket = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
                socket.setNeedClientAuth(clients.isPresent());
                socket.setEnabledProtocols(versions);
                return socket;
            }

            @Override
            public ServerSocket createServerSocket(int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public ServerSocket createServerSocket(int port, int backlog) {
                throw new UnsupportedOperationException();
            }

            @Override
            public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
                throw new UnsupportedOperationException();
            }
        };
    }
}
