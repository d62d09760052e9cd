package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code plugins}: on what terms jars run. Immutable.
 *
 * @param startLimit how long a bundle may take to start, and to stop
 * @param verify what a signature is good for
 * @param keystore certificates of those who may sign
 */
public record PluginsSection(
        @Setting(says = "How long the start of a plugin's bundle may take, and its stop, before the hub goes on without it.", standard = "30s",
                least = "100ms", most = "10m") Duration startLimit,
        @Setting(says = "off: signatures are not looked at. warn: a jar without a good one runs, which is logged and counted."
                + " require: it is refused.", standard = "off") Verify verify,
        @Setting(says = "Certificates of those who may sign: a PEM file, or a folder of .pem and .crt files. A relative path starts in the"
                + " data folder.") Optional<Path> keystore) {

    /** The key whose word {@code off} YAML takes for a truth value. */
    static final String VERIFY = "plugins.verify";

    /** What is done about a jar that nobody whom the hub knows has signed. */
    public enum Verify { OFF, WARN, REQUIRE }
}
