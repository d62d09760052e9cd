package io.monitoringhub.launcher;

import io.monitoringhub.command.ExitCode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/**
 * The hub's own bundles: {@code bundles/NN/x.jar} is started at level NN, straight from where it lies, without a copy.
 *
 * <p>Used by one thread at a time.
 */
final class BundleFolder {

    private final Path folder;

    BundleFolder(Path folder) {
        this.folder = folder;
    }

    /** Installs every jar and marks it to be started; nothing runs before the framework reaches the level. */
    void installInto(BundleContext framework) throws ExitException, IOException {
        List<Bundle> installed = new ArrayList<>();
        FrameworkStartLevel levels = framework.getBundle().adapt(FrameworkStartLevel.class);
        for (Path level : sorted(folder, "[0-9][0-9]")) {
            // Said beforehand it costs nothing; said to each bundle, a file each.
            levels.setInitialBundleStartLevel(Integer.parseInt(level.getFileName().toString()));
            for (Path jar : sorted(level, "*.jar")) {
                installed.add(install(framework, jar));
            }
        }
        if (installed.isEmpty()) {
            throw new ExitException(ExitCode.INTERNAL, "no bundles in " + folder + ": the installation is incomplete");
        }
        for (Bundle bundle : installed) {
            start(bundle);
        }
    }

    private static Bundle install(BundleContext framework, Path jar) throws ExitException {
        try {
            return framework.installBundle("reference:" + jar.toUri());
        } catch (BundleException e) {
            throw new ExitException(ExitCode.INTERNAL, "cannot install " + jar + " (" + Causes.describe(e)
                    + "): unpack the distribution again");
        }
    }

    private static void start(Bundle bundle) throws ExitException {
        if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null) {
            return;
        }
        try {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
            throw new ExitException(ExitCode.INTERNAL, "cannot start " + bundle + " (" + Causes.describe(e) + ")");
        }
    }

    private static List<Path> sorted(Path folder, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
                entries.forEach(found::add);
            }
        }
        found.sort(null);
        return found;
    }
}
