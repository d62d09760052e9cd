package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.JsonSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The configuration as it is on disk, checked against the plugins that are there: those that run, and before File Install has looked, the
 * jars in its folder. Needs no hub that runs.
 *
 * <p>Thread-safe.
 */
@Component(service = Configurations.class)
public final class Configurations {

    /** The hub's own bundles are installed where they lie. To look into them would have the framework remember each name in them. */
    private static final String OWN = "reference:";

    private final BundleContext context;
    private final HubFolders folders;
    private final ConfigurationFile file;

    @Activate
    public Configurations(BundleContext context) {
        this.context = context;
        this.folders = HubFolders.of(context);
        this.file = new ConfigurationFile(folders, System.getenv());
    }

    /** Where things are. */
    public HubFolders folders() {
        return folders;
    }

    /** The file, and the folder of further ones. */
    public ConfigurationFile file() {
        return file;
    }

    /** What plugins take at this moment. */
    public PluginTypes types() {
        List<Bundle> others = running().stream().filter(bundle -> !bundle.getLocation().startsWith(OWN)).toList();
        return PluginTypes.of(Path.of(context.getProperty("hub.plugins"))).with(others);
    }

    private List<Bundle> running() {
        return Arrays.stream(context.getBundles()).filter(bundle -> bundle.getState() == Bundle.ACTIVE || bundle.getState() == Bundle.STARTING)
                .toList();
    }

    /**
     * Reads and checks everything.
     *
     * @throws ConfigurationException that names every problem
     */
    public LoadedConfiguration read() throws ConfigurationException {
        return file.read(types());
    }

    /** Something that is equal as long as nothing has changed of what {@link #read} looks at; empty while the file is not there or has no content. */
    public List<String> state() {
        List<String> state = new ArrayList<>();
        try {
            for (Path each : file.files()) {
                String text = Files.readString(each);
                if (each.equals(file.path()) && text.isEmpty()) {
                    return List.of();
                }
                state.add(each + "\n" + text);
            }
        } catch (IOException beingReplaced) {
            return List.of();
        }
        running().forEach(bundle -> state.add(bundle.getBundleId() + " " + bundle.getLastModified()));
        return state;
    }

    /** The JSON Schema of the file, with the keys of the plugins that are there. */
    public String schema() {
        return JsonSchema.text(new HubShape(types()).schema());
    }
}
