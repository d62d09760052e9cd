package io.monitoringhub.launcher;

import io.monitoringhub.command.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * Where everything is. Whatever is written at run time lies below {@link #data}, so that {@link #home} may be read-only.
 *
 * <p>Immutable.
 *
 * @param home the unpacked distribution
 * @param conf the configuration file
 * @param data what the hub writes
 * @param plugins the folder that operators drop jars into, without links
 * @param checked for a framework that only looks, the data folder of the hub that is looked at
 */
record HubPaths(Path home, Path conf, Path data, Path plugins, Optional<Path> checked) {

    HubPaths(Path home, Path conf, Path data, Path plugins) {
        this(home, conf, data, plugins, Optional.empty());
    }

    /** Reads HUB_HOME, HUB_CONF, HUB_DATA and HUB_PLUGINS; {@code bin/hub} always sets the first. */
    static HubPaths from(Map<String, String> environment) throws ExitException {
        String homeVariable = environment.getOrDefault("HUB_HOME", "");
        if (homeVariable.isEmpty()) {
            throw new ExitException(ExitCode.USAGE, "HUB_HOME is not set: start the hub with bin/hub");
        }
        Path home = Path.of(homeVariable).toAbsolutePath().normalize();
        return new HubPaths(home,
                path(environment, "HUB_CONF", home.resolve("conf/hub.yaml")),
                path(environment, "HUB_DATA", home.resolve("data")),
                canonical(path(environment, "HUB_PLUGINS", home.resolve("plugins"))));
    }

    /** Without links, as File Install names what lies in the folder: the rules for plugins hold for files that are in it by its name. */
    private static Path canonical(Path plugins) throws ExitException {
        try {
            return plugins.toFile().getCanonicalFile().toPath();
        } catch (IOException e) {
            throw new ExitException(ExitCode.CONFIG, "cannot find out where HUB_PLUGINS=" + plugins + " leads (" + Causes.describe(e)
                    + "): set HUB_PLUGINS to a folder that this user may read");
        }
    }

    private static Path path(Map<String, String> environment, String name, Path fallback) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? fallback : Path.of(value).toAbsolutePath().normalize();
    }

    /** For a look at this hub that writes elsewhere. */
    HubPaths checkedFrom(Path scratch, Path file) {
        return new HubPaths(home, file.toAbsolutePath().normalize(), scratch.toAbsolutePath().normalize(), plugins, Optional.of(data));
    }

    /** Process state; only the owner may look inside. */
    Path run() {
        return data.resolve("run");
    }

    Path logs() {
        return data.resolve("logs");
    }

    Path bundles() {
        return home.resolve("bundles");
    }

    Path pidFile() {
        return run().resolve("hub.pid");
    }

    Path lockFile() {
        return run().resolve("hub.lock");
    }

    Path readyFile() {
        return run().resolve("ready");
    }

    /** Creates what is missing below {@link #data} and closes {@link #run} to everybody else. */
    void createDirectories() throws ExitException {
        try {
            Files.createDirectories(run());
            Files.createDirectories(logs());
            Files.setPosixFilePermissions(run(), PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new ExitException(ExitCode.CONFIG, "cannot write below HUB_DATA=" + data + " (" + Causes.describe(e)
                    + "): set HUB_DATA to a folder that this user may write");
        }
    }
}
