package io.monitoringhub.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Classes that a start needs and a framework that only looks does not: it loads them all the same, so that they are in the archive that Java
 * makes of it. None is initialised, so nothing of theirs runs.
 *
 * <p>Immutable.
 *
 * @param names of classes, in any bundle; one that is not there any more does no harm
 */
record StartClasses(List<String> names) {

    /** The list's file, where an archive is being made. */
    static final String PROPERTY = "hub.archive.classes";

    private static final Logger LOG = LoggerFactory.getLogger(StartClasses.class);

    StartClasses {
        names = List.copyOf(names);
    }

    /** Of a file with one name in a line. */
    static StartClasses of(Path list) throws IOException {
        return new StartClasses(Files.readAllLines(list));
    }

    /** Loads them from each bundle that has them. */
    void loadFrom(BundleContext framework) {
        for (Bundle bundle : framework.getBundles()) {
            if (bundle.getBundleId() != 0 && (bundle.getState() & (Bundle.RESOLVED | Bundle.STARTING | Bundle.ACTIVE)) != 0) {
                names.stream().filter(name -> bundle.getEntry(name.replace('.', '/') + ".class") != null).forEach(name -> load(bundle, name));
            }
        }
    }

    private static void load(Bundle bundle, String name) {
        try {
            // Only what is linked is archived, and to ask for constructors links without running anything.
            bundle.loadClass(name).getDeclaredConstructors();
        } catch (ClassNotFoundException | LinkageError e) { // of a library that is optional
            LOG.debug("{} of {} is not in the archive", name, bundle, e);
        }
    }
}
