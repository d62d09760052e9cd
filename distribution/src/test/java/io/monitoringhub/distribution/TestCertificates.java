package io.monitoringhub.distribution;

import io.monitoringhub.testservers.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Certificates that openssl makes in a folder: {@code <name>.pem} and {@code <name>.key}. */
record TestCertificates(Path folder) {

    /** One that signs others. */
    void authority(String name) throws Exception {
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", file(name + ".key"), "-out",
                file(name + ".pem"));
    }

    /** One for this machine or for a client, signed by an authority. */
    void signed(String name, String authority) throws Exception {
        Path names = Files.writeString(folder.resolve("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", file(name + ".key"), "-out", file(name + ".csr"));
        openssl("x509", "-req", "-in", file(name + ".csr"), "-CA", file(authority + ".pem"), "-CAkey", file(authority + ".key"), "-CAcreateserial",
                "-days", "2", "-extfile", names.toString(), "-out", file(name + ".pem"));
    }

    private static void openssl(String... arguments) throws Exception {
        ServerProcess.run(Stream.concat(Stream.of("openssl"), Stream.of(arguments)).toList());
    }

    String file(String name) {
        return folder.resolve(name).toString();
    }
}
