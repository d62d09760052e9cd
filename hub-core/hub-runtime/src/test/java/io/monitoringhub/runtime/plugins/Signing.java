package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import jdk.security.jarsigner.JarSigner;

/** Keys, certificates and signatures, made by keytool and the signer of the JDK; and jars that are tampered with. Used by one thread. */
final class Signing {

    private static final String PASSWORD = "changeit";

    private final Path folder;
    private final Path store;

    Signing(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("keys.p12");
    }

    /** A key with a certificate of its own making. */
    Signing key(String name, String... extensions) throws Exception {
        List<String> command = new ArrayList<>(List.of("-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + name,
                "-validity", "30"));
        Stream.of(extensions).forEach(extension -> command.addAll(List.of("-ext", extension)));
        keytool(command);
        return this;
    }

    /** Has an authority sign the certificate of a key. */
    Signing certify(String name, String authority, String extension) throws Exception {
        Path request = folder.resolve(name + ".csr");
        Path certificate = folder.resolve(name + ".by-" + authority);
        keytool(List.of("-certreq", "-alias", name, "-file", request.toString()));
        keytool(List.of("-gencert", "-alias", authority, "-infile", request.toString(), "-outfile", certificate.toString(), "-rfc", "-validity", "30",
                "-ext", extension));
        keytool(List.of("-importcert", "-noprompt", "-alias", name, "-file", certificate.toString()));
        return this;
    }

    /** Writes the certificate of a key as PEM. */
    Path certificate(String name, Path file) throws Exception {
        Files.createDirectories(file.getParent());
        keytool(List.of("-exportcert", "-rfc", "-alias", name, "-file", file.toString()));
        return file;
    }

    /** Signs in place, as jarsigner does. */
    Path sign(Path jar, String name) throws Exception {
        return sign(jar, name, false);
    }

    /** The same; with digests of the manifest's sections only, or of the whole manifest, too. */
    Path sign(Path jar, String name, boolean sectionsOnly) throws Exception {
        char[] password = PASSWORD.toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        JarSigner signer = new JarSigner.Builder((KeyStore.PrivateKeyEntry) keys.getEntry(name, new KeyStore.PasswordProtection(password)))
                .signerName(name).setProperty("sectionsonly", Boolean.toString(sectionsOnly)).build();
        Path signed = Files.createTempFile(folder, "signed", ".jar");
        try (ZipFile in = new ZipFile(jar.toFile()); OutputStream out = Files.newOutputStream(signed)) {
            signer.sign(in, out);
        }
        return Files.move(signed, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private void keytool(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(arguments);
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD, "-J-XX:TieredStopAtLevel=1"));
        Path output = Files.createTempFile(folder, "keytool", ".out");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(command + ": " + Files.readString(output));
        }
    }

    /** What is in a jar, by name. */
    static Map<String, byte[]> entries(Path jar) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (InputStream file = Files.newInputStream(jar); ZipInputStream in = new ZipInputStream(file)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }

    /** Makes a jar of that, in this order. */
    static Path write(Path jar, Map<String, byte[]> entries) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar); ZipOutputStream out = new ZipOutputStream(file)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
        return jar;
    }
}
