package io.monitoringhub.runtime.config;

import java.nio.file.Path;
import org.osgi.framework.BundleContext;

/**
 * Where things are. Immutable.
 *
 * @param home the unpacked distribution
 * @param data what is written at run time; relative paths in the configuration start here
 * @param configuration the configuration file
 */
public record HubFolders(Path home, Path data, Path configuration) {

    /** The framework property of a framework that only looks: the data folder of the hub that is looked at. */
    public static final String CHECKED_DATA = "hub.check";

    /** As the launcher says, through framework properties. */
    public static HubFolders of(BundleContext context) {
        return new HubFolders(path(context, "hub.home"), path(context, isCheck(context) ? CHECKED_DATA : "hub.data"), path(context, "hub.conf"));
    }

    /** Tells whether this framework only looks, and no hub is to run in it. */
    public static boolean isCheck(BundleContext context) {
        return context.getProperty(CHECKED_DATA) != null;
    }

    private static Path path(BundleContext context, String property) {
        String value = context.getProperty(property);
        if (value == null) {
            throw new IllegalStateException("the framework property '" + property + "' is not set: start the hub with bin/hub");
        }
        return Path.of(value).toAbsolutePath().normalize();
    }

    /**
     * A configured path made absolute. A relative one starts at the data folder, and so does one that says {@code data/} itself: nothing
     * that the hub writes lands beside its programs.
     */
    public Path resolve(Path configured) {
        Path relative = configured.startsWith("data") && configured.getNameCount() > 1
                ? configured.subpath(1, configured.getNameCount()) : configured;
        return data.resolve(relative).normalize();
    }
}
