package io.monitoringhub.runtime.plugins;

import org.osgi.framework.Bundle;

/**
 * What marks our bundles: a location that says the file's name and the SHA-256 of its content.
 *
 * <p>Immutable.
 *
 * @param file the name in {@code plugins/}
 * @param sha256 of the content that was installed
 */
record PluginLocation(String file, String sha256) {

    static final String PROTOCOL = "plugin";

    private static final String PREFIX = PROTOCOL + ":";

    static String of(String file, String sha256) {
        return PREFIX + file + "#" + sha256;
    }

    static boolean isOurs(Bundle bundle) {
        return bundle.getLocation().startsWith(PREFIX) && bundle.getLocation().indexOf('#') > 0;
    }

    /** Of a bundle that is ours. */
    static PluginLocation of(Bundle bundle) {
        String location = bundle.getLocation();
        int hash = location.lastIndexOf('#');
        return new PluginLocation(location.substring(PREFIX.length(), hash), location.substring(hash + 1));
    }

    /** For people: the file, or where a bundle that is not ours comes from. */
    static String source(Bundle bundle) {
        return isOurs(bundle) ? of(bundle).file() : bundle.getLocation();
    }
}
