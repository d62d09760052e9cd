package io.monitoringhub.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A key that signs jars, as docs/security.md says it: with keytool and jarsigner. Immutable.
 *
 * @param store the key store with the key
 * @param certificate of it, as PEM
 */
record SigningKey(Path store, Path certificate) {

    private static final List<String> STORE = List.of("-storepass", "changeit", "-keystore");

    static SigningKey createIn(Path folder) throws IOException, InterruptedException {
        SigningKey key = new SigningKey(folder.resolve("signer.p12"), folder.resolve("signer.pem"));
        run("keytool", key.store, "-genkeypair", "-alias", "release", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=release", "-validity", "30");
        run("keytool", key.store, "-exportcert", "-rfc", "-alias", "release", "-file", key.certificate.toString());
        return key;
    }

    /** Signs in place. */
    Path sign(Path jar) throws IOException, InterruptedException {
        run("jarsigner", store, jar.toString(), "release");
        return jar;
    }

    private static void run(String tool, Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", tool).toString()));
        boolean isJarsigner = tool.equals("jarsigner");
        List<String> keys = new ArrayList<>(STORE);
        // It lives for a second: what it compiles better it would never use.
        keys.addAll(List.of(store.toString(), "-J-XX:TieredStopAtLevel=1"));
        // jarsigner wants the jar and the alias last, keytool its command first.
        command.addAll(isJarsigner ? keys : List.of(arguments));
        command.addAll(isJarsigner ? List.of(arguments) : keys);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command + " failed");
        }
    }
}
