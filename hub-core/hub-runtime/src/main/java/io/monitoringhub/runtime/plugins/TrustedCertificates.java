package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The certificates in the hub's key store: of signers, and of authorities that vouch for signers.
 *
 * <p>Immutable.
 *
 * @param certificates all of them
 */
record TrustedCertificates(Set<X509Certificate> certificates) {

    /** What a certificate of an authority must allow, if it says at all what it is good for. */
    private static final Set<String> CODE_SIGNING = Set.of("1.3.6.1.5.5.7.3.3", "2.5.29.37.0");

    TrustedCertificates {
        certificates = Set.copyOf(certificates);
    }

    /** Reads a PEM file, or all those in a folder. */
    static TrustedCertificates read(Path keystore) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(keystore)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(keystore, "[!.]*.{pem,crt}")) {
                found.forEach(files::add);
            }
        } else {
            files.add(keystore);
        }
        List<X509Certificate> all = new ArrayList<>();
        for (Path file : files) {
            all.addAll(certificates(file));
        }
        if (all.isEmpty()) {
            throw new IOException("there is no certificate in " + keystore);
        }
        return new TrustedCertificates(Set.copyOf(all));
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream().map(X509Certificate.class::cast).toList();
        } catch (GeneralSecurityException noneOfIt) {
            throw new IOException(file + " is no PEM file of certificates (" + noneOfIt.getMessage() + ")", noneOfIt);
        }
    }

    /** Why a signer is not to be trusted now; a moment that the signature claims for itself does not count. */
    void require(CertPath signer, Clock clock) throws GeneralSecurityException {
        List<X509Certificate> path = signer.getCertificates().stream().map(X509Certificate.class::cast).toList();
        X509Certificate leaf = path.get(0);
        leaf.checkValidity(Date.from(clock.instant()));
        if (certificates.contains(leaf)) {
            return;
        }
        List<String> uses = leaf.getExtendedKeyUsage();
        if (uses != null && uses.stream().noneMatch(CODE_SIGNING::contains)) {
            throw new GeneralSecurityException("its certificate is not for signing code");
        }
        validate(path.stream().takeWhile(certificate -> !certificates.contains(certificate)).toList(), clock);
    }

    /** Revocation lists are not read: take the certificate out of the key store. */
    private void validate(List<? extends Certificate> path, Clock clock) throws GeneralSecurityException {
        PKIXParameters parameters = parameters();
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(clock.instant()));
        PKIXCertPathValidatorResult result = (PKIXCertPathValidatorResult) CertPathValidator.getInstance("PKIX").validate(
                CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        result.getTrustAnchor().getTrustedCert().checkValidity(Date.from(clock.instant()));
    }

    /** A signer's own certificate vouches for nobody else. */
    private PKIXParameters parameters() throws GeneralSecurityException {
        Set<TrustAnchor> authorities = certificates.stream().filter(each -> each.getBasicConstraints() >= 0).map(each -> new TrustAnchor(each, null))
                .collect(Collectors.toSet());
        if (authorities.isEmpty()) {
            throw new GeneralSecurityException("its certificate is not in the key store, nor is any authority");
        }
        return new PKIXParameters(authorities);
    }
}
