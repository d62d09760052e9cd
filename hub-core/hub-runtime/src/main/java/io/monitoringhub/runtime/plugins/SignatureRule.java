package io.monitoringhub.runtime.plugins;

import io.monitoringhub.runtime.config.PluginsSection;
import io.monitoringhub.runtime.config.PluginsSection.Verify;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said about a jar's signature on given terms. The key store is read each time: it may have changed.
 *
 * <p>Immutable.
 */
final class SignatureRule {

    private static final Logger LOG = LoggerFactory.getLogger(SignatureRule.class);

    private final Clock clock;

    SignatureRule(Clock clock) {
        this.clock = clock;
    }

    /** What is wrong with the signature and what to do; empty where it is good, or nobody asks. */
    Optional<String> problem(Path jar, PluginsSection terms) {
        if (terms.verify() == Verify.OFF) {
            return Optional.empty();
        }
        try {
            Path keystore = terms.keystore().orElseThrow(() -> new IOException("plugins.keystore is not set"));
            LOG.debug("{} is signed by {}", jar.getFileName(), new JarSignature(TrustedCertificates.read(keystore), clock).signer(jar));
            return Optional.empty();
        } catch (GeneralSecurityException wrong) {
            return Optional.of("signature: " + wrong.getMessage() + ". Sign the jar with jarsigner, by a key whose certificate, or that of its"
                    + " authority, is in " + terms.keystore().map(Path::toString).orElse("plugins.keystore"));
        } catch (IOException unreadable) {
            return Optional.of("signature: cannot be looked at (" + unreadable.getMessage() + ")");
        }
    }
}
