package io.monitoringhub.launcher;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.felix.framework.util.FelixConstants;
import org.osgi.framework.Constants;

/**
 * The framework's properties. Every choice that is not obvious says why; the start levels are:
 *
 * <table>
 * <caption>Start levels</caption>
 * <tr><td>5</td><td>OSGi services</td></tr>
 * <tr><td>10</td><td>the hub's own libraries</td></tr>
 * <tr><td>15</td><td>plugins: installed late, as File Install has to run first, but low, so that at shutdown they still stand while the
 *     runtime above them drains its lanes</td></tr>
 * <tr><td>20</td><td>hub-runtime</td></tr>
 * <tr><td>30</td><td>File Install</td></tr>
 * <tr><td>40</td><td>what a hub that is ready can wait for: the executor of health checks</td></tr>
 * </table>
 *
 * <p>Immutable.
 */
final class FrameworkSettings {

    static final int RUNNING_LEVEL = 40;
    static final int PLUGIN_LEVEL = 15;

    /** SLF4J 2 is binary compatible for callers: bundles that were built against 1.7 resolve too. It says so itself of its other two packages. */
    private static final String SLF4J_LEGACY = "org.slf4j.event;org.slf4j.spi;version=\"1.7.36\"";

    /** What the bundle of the servlet API would provide: a plugin with a servlet may ask for it. */
    private static final String SERVLET_CONTRACTS = "osgi.contract;osgi.contract=JavaServlet;version:List<Version>=\"2.6,3.0,3.1,4.0\","
            + "osgi.contract;osgi.contract=JakartaServlet;version:List<Version>=\"5.0,6.0,6.1\"";

    /** What commands there are: one table for launcher and runtime. */
    private static final String COMMAND_PACKAGE = "io.monitoringhub.command";

    private FrameworkSettings() {
    }

    static Map<String, Object> of(HubPaths paths, String version, Path shellSocket) {
        Map<String, Object> settings = new HashMap<>();
        hub(settings, paths, version, shellSocket);
        framework(settings, paths);
        fileInstall(settings, paths);
        // A Gogo shell whose standard input is closed would end, and take the framework with it.
        settings.put("gosh.args", "--nointeractive");
        return settings;
    }

    private static void hub(Map<String, Object> settings, HubPaths paths, String version, Path shellSocket) {
        settings.put("hub.home", paths.home().toString());
        settings.put("hub.conf", paths.conf().toString());
        settings.put("hub.data", paths.data().toString());
        paths.checked().ifPresent(data -> settings.put("hub.check", data.toString()));
        settings.put("hub.plugins", paths.plugins().toString());
        settings.put("hub.version", version);
        settings.put("hub.ready.file", paths.readyFile().toString());
        settings.put("hub.shell.socket", shellSocket.toString());
    }

    private static void framework(Map<String, Object> settings, HubPaths paths) {
        settings.put(Constants.FRAMEWORK_STORAGE, FrameworkCache.of(paths.run()).toString());
        // Nothing to do where FrameworkCache has made room.
        settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        // A plugin's successor is installed and resolved while the plugin still runs.
        settings.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        settings.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(RUNNING_LEVEL));
        settings.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, LibraryPackages.exports() + "," + SLF4J_LEGACY + "," + COMMAND_PACKAGE);
        settings.put(Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA, SERVLET_CONTRACTS);
        // Bundles are resolved one or two at a time: to hand that to threads takes longer than to do it.
        settings.put(FelixConstants.RESOLVER_PARALLELISM, "1");
        settings.put(FelixConstants.LOG_LOGGER_PROP, new FrameworkLogger());
        settings.put(FelixConstants.LOG_LEVEL_PROP, "2");
    }

    private static void fileInstall(Map<String, Object> settings, HubPaths paths) {
        settings.put("felix.fileinstall.dir", paths.plugins().toString());
        settings.put("felix.fileinstall.tmpdir", paths.run().resolve("fileinstall").toString());
        settings.put("felix.fileinstall.poll", "250");
        settings.put("felix.fileinstall.noInitialDelay", "true");
        // Dot files are drafts: write ".x.jar.tmp", then rename.
        settings.put("felix.fileinstall.filter", "[^.].*\\.jar");
        settings.put("felix.fileinstall.subdir.mode", "skip");
        settings.put("felix.fileinstall.enableConfigSave", "false");
        settings.put("felix.fileinstall.log.level", "2");
    }
}
