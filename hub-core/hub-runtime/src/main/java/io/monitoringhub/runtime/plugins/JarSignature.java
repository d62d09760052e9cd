package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks whether one signer whom the hub trusts has signed all that is in a jar, as it is.
 *
 * <p>The JDK compares digests and signatures, but lets a jar be signed in parts, by several, or not at all: what is in no digest counts as
 * unsigned, and that is what is looked for here.
 *
 * <p>Immutable.
 */
final class JarSignature {

    /** The signature itself, which can't be in itself. */
    private static final Pattern OF_THE_SIGNATURE = Pattern.compile("META-INF/(MANIFEST\\.MF|SIG-[^/]*|[^/]*\\.(SF|RSA|DSA|EC))");

    private static final Pattern SIGNATURE_FILE = Pattern.compile("META-INF/[^/]*\\.SF");
    private static final Pattern DIGEST = Pattern.compile("(SHA-(?:256|384|512))-Digest-Manifest(-Main-Attributes)?");

    private final TrustedCertificates trusted;
    private final Clock clock;

    JarSignature(TrustedCertificates trusted, Clock clock) {
        this.trusted = trusted;
        this.clock = clock;
    }

    /**
     * Reads the whole jar.
     *
     * @return who has signed it
     * @throws GeneralSecurityException that says what is wrong
     * @throws IOException when it can't be read
     */
    String signer(Path file) throws IOException, GeneralSecurityException {
        try (JarFile jar = new JarFile(file.toFile(), true)) {
            Set<CodeSigner> signers = null;
            Set<String> names = names(jar);
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (!entry.isDirectory() && !isOfTheSignature(entry.getName())) {
                    signers = both(signers, signers(jar, entry), entry.getName());
                }
            }
            if (signers == null || jar.getManifest() == null) {
                throw new GeneralSecurityException("it is not signed");
            }
            requireWholeManifest(jar);
            for (String named : jar.getManifest().getEntries().keySet()) {
                if (!names.contains(named)) {
                    throw new GeneralSecurityException(named + " was taken out of it after it was signed");
                }
            }
            return trustedOf(signers);
        } catch (SecurityException digest) {
            throw new GeneralSecurityException("it was changed after it was signed: " + digest.getMessage(), digest);
        }
    }

    /** The JDK is content with signed sections; a bundle's own headers are in none. */
    private static void requireWholeManifest(JarFile jar) throws IOException, GeneralSecurityException {
        byte[] manifest;
        try (InputStream in = jar.getInputStream(jar.getEntry(JarFile.MANIFEST_NAME))) {
            manifest = in.readAllBytes();
        }
        for (JarEntry entry : Collections.list(jar.entries())) {
            if (SIGNATURE_FILE.matcher(entry.getName().toUpperCase(Locale.ROOT)).matches()) {
                try (InputStream in = jar.getInputStream(entry)) {
                    if (!coversHeaders(new Manifest(in).getMainAttributes(), manifest)) {
                        throw new GeneralSecurityException("the headers of its manifest are not covered by " + entry.getName()
                                + ", or were changed after it was signed");
                    }
                }
            }
        }
    }

    private static boolean coversHeaders(Attributes signature, byte[] manifest) throws GeneralSecurityException {
        for (Map.Entry<Object, Object> each : signature.entrySet()) {
            Matcher digest = DIGEST.matcher(each.getKey().toString());
            if (digest.matches()) {
                byte[] said = Base64.getDecoder().decode(each.getValue().toString());
                // Where only the headers have a digest, the JDK has compared it.
                if (digest.group(2) != null || MessageDigest.isEqual(said, MessageDigest.getInstance(digest.group(1)).digest(manifest))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Each once: of two of a name the framework could take the other one. */
    private static Set<String> names(JarFile jar) throws GeneralSecurityException {
        Set<String> names = new HashSet<>();
        for (JarEntry entry : Collections.list(jar.entries())) {
            String name = entry.getName();
            if (!names.add(name)) {
                throw new GeneralSecurityException(name + " is in it twice");
            }
            if (name.equalsIgnoreCase(JarFile.MANIFEST_NAME) && !name.equals(JarFile.MANIFEST_NAME)) {
                throw new GeneralSecurityException(name + " is a manifest that some would read and others not");
            }
        }
        return names;
    }

    private static boolean isOfTheSignature(String entry) {
        return OF_THE_SIGNATURE.matcher(entry.toUpperCase(Locale.ROOT)).matches();
    }

    /** Known only when it was read to its end. */
    private static Set<CodeSigner> signers(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        CodeSigner[] signers = entry.getCodeSigners();
        return signers == null ? Set.of() : new LinkedHashSet<>(Arrays.asList(signers));
    }

    private static Set<CodeSigner> both(Set<CodeSigner> before, Set<CodeSigner> here, String entry) throws GeneralSecurityException {
        if (here.isEmpty()) {
            throw new GeneralSecurityException((before == null ? "it is not signed: " : "it is not signed as a whole: ") + entry
                    + " has no signature, or one that Java takes for too weak");
        }
        if (before == null) {
            return here;
        }
        Set<CodeSigner> both = new LinkedHashSet<>(before);
        both.retainAll(here);
        if (both.isEmpty()) {
            throw new GeneralSecurityException("it is not signed as a whole by one signer: " + entry + " is by another");
        }
        return both;
    }

    private String trustedOf(Set<CodeSigner> signers) throws GeneralSecurityException {
        GeneralSecurityException problem = null;
        for (CodeSigner signer : signers) {
            String name = ((X509Certificate) signer.getSignerCertPath().getCertificates().get(0)).getSubjectX500Principal().getName();
            try {
                trusted.require(signer.getSignerCertPath(), clock);
                return name;
            } catch (GeneralSecurityException untrusted) {
                problem = new GeneralSecurityException("its signer " + name + " is not trusted (" + untrusted.getMessage() + ")", untrusted);
            }
        }
        throw problem;
    }
}
