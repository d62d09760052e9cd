package io.monitoringhub.runtime.plugins;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.runtime.config.PluginsSection;
import io.monitoringhub.runtime.config.PluginsSection.Verify;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK has signed, and every way to change it afterwards. */
class JarSignatureTest {

    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    private static final Clock NOW = Clock.systemUTC();

    @TempDir
    private static Path folder;
    private static Signing signing;
    /** Of {@code alice} and {@code authority}. */
    private static Path trusted;
    /** Signed by alice. */
    private static Path signed;

    @BeforeAll
    static void signs() throws Exception {
        signing = new Signing(folder).key("alice").key("mallory").key("authority", "bc:c").key("bob").key("server")
                .certify("bob", "authority", "eku=codeSigning").certify("server", "authority", "eku=serverAuth");
        trusted = folder.resolve("trusted");
        signing.certificate("alice", trusted.resolve("alice.pem"));
        signing.certificate("authority", trusted.resolve("authority.crt"));
        signed = signing.sign(jar("signed.jar"), "alice");
    }

    @Test
    void accepts_a_signer_in_the_key_store_and_one_whose_authority_is_in_it() throws Exception {
        assertThat(signerOf(signed)).isEqualTo("CN=alice");
        assertThat(signerOf(signing.sign(jar("bob.jar"), "bob"))).isEqualTo("CN=bob");
        TrustedCertificates oneFile = TrustedCertificates.read(trusted.resolve("alice.pem"));
        assertThat(new JarSignature(oneFile, NOW).signer(signed)).isEqualTo("CN=alice");
    }

    @Test
    void refuses_a_jar_without_a_signature() {
        assertRefused(() -> signerOf(jar("unsigned.jar")), "it is not signed");
    }

    @Test
    void refuses_a_signer_whom_nobody_vouches_for() {
        assertRefused(() -> signerOf(signing.sign(jar("mallory.jar"), "mallory")), "CN=mallory is not trusted");
        assertRefused(() -> new JarSignature(TrustedCertificates.read(trusted.resolve("alice.pem")), NOW).signer(signing.sign(jar("b.jar"), "bob")),
                "nor is any authority");
    }

    @Test
    void refuses_a_certificate_that_is_for_something_else() {
        assertRefused(() -> signerOf(signing.sign(jar("server.jar"), "server")), "not for signing code");
    }

    @Test
    void refuses_a_certificate_that_has_expired_or_is_not_valid_yet() throws Exception {
        TrustedCertificates certificates = TrustedCertificates.read(trusted);
        assertRefused(() -> new JarSignature(certificates, Clock.offset(NOW, Duration.ofDays(31))).signer(signed), "NotAfter");
        assertRefused(() -> new JarSignature(certificates, Clock.offset(NOW, Duration.ofDays(-2))).signer(signed), "NotBefore");
    }

    @Test
    void refuses_a_changed_entry() throws Exception {
        assertRefused(tampered(entries -> entries.put("code/One.class", new byte[] {9})), "changed after it was signed");
    }

    @Test
    void refuses_an_added_entry() throws Exception {
        assertRefused(tampered(entries -> entries.put("code/Evil.class", new byte[] {9})), "not signed as a whole: code/Evil.class");
        assertRefused(tampered(entries -> entries.put("META-INF/services/Evil", new byte[] {9})), "META-INF/services/Evil");
    }

    @Test
    void refuses_an_added_entry_that_the_manifest_knows() throws Exception {
        String digest = "\r\nName: code/Evil.class\r\nSHA-256-Digest: K0z2WCvIwQqPgzKWwkBR8NX3nQS4ewOkMpFrUPI+iQU=\r\n\r\n";
        assertRefused(tampered(entries -> {
            entries.put(MANIFEST, (new String(entries.get(MANIFEST), ISO_8859_1).stripTrailing() + "\r\n" + digest).getBytes(ISO_8859_1));
            entries.put("code/Evil.class", new byte[] {9});
        }), "");
    }

    @Test
    void refuses_a_removed_entry() throws Exception {
        assertRefused(tampered(entries -> entries.remove("code/Two.class")), "code/Two.class was taken out");
    }

    @Test
    void refuses_changed_headers_even_if_only_sections_have_digests() throws Exception {
        assertRefused(tampered(JarSignatureTest::otherActivator), "");
        Path sections = signing.sign(jar("sections.jar"), "alice", true);
        assertThat(signerOf(sections)).isEqualTo("CN=alice");
        Map<String, byte[]> entries = Signing.entries(sections);
        otherActivator(entries);
        assertRefused(() -> signerOf(Signing.write(folder.resolve("sections-changed.jar"), entries)), "");
    }

    @Test
    void refuses_a_signature_of_the_manifest_alone() throws Exception {
        Path bare = signing.sign(Signing.write(folder.resolve("bare.jar"), Map.of(MANIFEST, manifest())), "alice");
        assertRefused(() -> signerOf(bare), "it is not signed");
        Map<String, byte[]> entries = Signing.entries(bare);
        entries.put("code/One.class", new byte[] {1});
        assertRefused(() -> signerOf(Signing.write(folder.resolve("bare-with-code.jar"), entries)), "it is not signed: code/One.class");
    }

    @Test
    void refuses_what_two_have_signed_in_parts() throws Exception {
        Map<String, byte[]> entries = Signing.entries(signed);
        entries.put("code/Evil.class", new byte[] {9});
        Path both = signing.sign(Signing.write(folder.resolve("both.jar"), entries), "mallory");
        assertRefused(() -> signerOf(both), "CN=mallory is not trusted");
    }

    @Test
    void accepts_what_a_second_signer_has_signed_as_a_whole_too() throws Exception {
        Path twice = signing.sign(signing.sign(jar("twice.jar"), "mallory"), "alice");
        assertThat(signerOf(twice)).isEqualTo("CN=alice");
    }

    @Test
    void refuses_a_signature_whose_block_is_gone() throws Exception {
        assertRefused(tampered(entries -> entries.remove("META-INF/ALICE.EC")), "it is not signed");
    }

    @Test
    void refuses_an_entry_that_is_there_twice() throws Exception {
        Map<String, byte[]> entries = Signing.entries(signed);
        entries.put("code/Ooo.class", new byte[] {9});
        String bytes = new String(Files.readAllBytes(Signing.write(folder.resolve("twofold.jar"), entries)), ISO_8859_1);
        Path twofold = Files.write(folder.resolve("twofold.jar"), bytes.replace("code/Ooo.class", "code/One.class").getBytes(ISO_8859_1));
        assertRefused(() -> signerOf(twofold), "code/One.class is in it twice");
    }

    @Test
    void refuses_a_second_manifest_in_small_letters() throws Exception {
        assertRefused(tampered(entries -> entries.put("meta-inf/manifest.mf", manifest())), "meta-inf/manifest.mf");
    }

    @Test
    void the_rule_says_what_to_do_and_nothing_where_nobody_asks() throws Exception {
        SignatureRule rule = new SignatureRule(NOW);
        Path unsigned = jar("asked.jar");
        assertThat(rule.problem(unsigned, terms(Verify.OFF, trusted))).isEmpty();
        assertThat(rule.problem(signed, terms(Verify.REQUIRE, trusted))).isEmpty();
        assertThat(rule.problem(unsigned, terms(Verify.WARN, trusted)).orElseThrow()).startsWith("signature: it is not signed")
                .contains("Sign the jar with jarsigner").contains(trusted.toString());
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(rule.problem(signed, terms(Verify.REQUIRE, empty)).orElseThrow()).contains("there is no certificate in " + empty);
        Path noise = Files.writeString(folder.resolve("noise.pem"), "noise");
        assertThat(rule.problem(signed, terms(Verify.REQUIRE, noise)).orElseThrow()).contains("cannot be looked at").contains(noise.toString());
    }

    private static PluginsSection terms(Verify verify, Path keystore) {
        return new PluginsSection(Duration.ofSeconds(1), verify, Optional.of(keystore));
    }

    private static void otherActivator(Map<String, byte[]> entries) {
        String manifest = new String(entries.get(MANIFEST), ISO_8859_1);
        assertThat(manifest).contains("code.One");
        entries.put(MANIFEST, manifest.replace("code.One", "code.Two").getBytes(ISO_8859_1));
    }

    /** Changes what is in a signed jar. */
    private interface Tampering {
        void apply(Map<String, byte[]> entries) throws IOException;
    }

    private static ThrowingCallable tampered(Tampering tampering) throws IOException {
        Map<String, byte[]> entries = Signing.entries(signed);
        tampering.apply(entries);
        Path jar = Signing.write(Files.createTempFile(folder, "tampered", ".jar"), entries);
        return () -> signerOf(jar);
    }

    private static void assertRefused(ThrowingCallable look, String words) {
        assertThatThrownBy(look).isInstanceOf(GeneralSecurityException.class).hasMessageContaining(words);
    }

    private static String signerOf(Path jar) throws Exception {
        return new JarSignature(TrustedCertificates.read(trusted), NOW).signer(jar);
    }

    private static Path jar(String name) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put(MANIFEST, manifest());
        entries.put("code/One.class", new byte[] {1});
        entries.put("code/Two.class", new byte[] {2});
        return Signing.write(folder.resolve(name), entries);
    }

    private static byte[] manifest() {
        return "Manifest-Version: 1.0\r\nBundle-SymbolicName: a\r\nBundle-Activator: code.One\r\n\r\n".getBytes(ISO_8859_1);
    }
}
