package io.monitoringhub.runtime.support;

import io.monitoringhub.command.Json;
import io.monitoringhub.log.segmented.LogTool;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.Effective;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.runtime.surface.MetricsText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Knows what goes into the archive. Where no hub runs there is what is on disk. Thread-safe. */
@Component(service = SupportCollector.class)
public final class SupportCollector {

    private static final int LOG_BYTES = 3 << 20;
    private static final int CONSOLE_BYTES = 512 << 10;
    private static final int CRASH_BYTES = 256 << 10;
    private static final int MOST_CRASHES = 2;

    private final BundleContext context;
    private final Configurations configurations;
    private final PluginCatalog plugins;
    private final Optional<HubEngine> engine;

    @Activate
    public SupportCollector(BundleContext context, @Reference Configurations configurations, @Reference PluginCatalog plugins,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY) HubComponent hub) {
        this.context = context;
        this.configurations = configurations;
        this.plugins = plugins;
        this.engine = Optional.ofNullable(hub).map(HubComponent::engine);
    }

    /** A document that a command makes. */
    public record Part(String name, Object document) {
    }

    /** The hub, if it runs here. */
    public Optional<HubEngine> engine() {
        return engine;
    }

    /**
     * Writes the archive.
     *
     * @param parts what commands show
     * @return what is in it
     * @throws IOException when the file exists or can't be written
     */
    public List<String> write(Path file, List<Part> parts) throws IOException, InterruptedException {
        Optional<Effective> onDisk = Optional.empty();
        Map<String, Object> configuration;
        try {
            onDisk = Optional.of(configurations.read().effective());
            configuration = shown(onDisk.get());
        } catch (ConfigurationException bad) {
            configuration = Json.map("problems", bad.lines());
        }
        Map<String, Object> problemsOrValues = configuration;
        List<Effective> known = new ArrayList<>(onDisk.stream().toList());
        engine.ifPresent(hub -> known.add(hub.effectiveConfiguration()));
        HubFolders folders = configurations.folders();
        try (SupportBundle bundle = SupportBundle.create(file, Redaction.of(known))) {
            bundle.document("about.json", () -> about(folders));
            bundle.document("configuration-on-disk.json", () -> problemsOrValues);
            for (Part part : parts) {
                bundle.document(part.name() + ".json", part::document);
            }
            bundle.document("bundles.json", this::bundles);
            bundle.document("disk.json", () -> Machine.disk(folders.data()));
            bundle.text("files.txt", () -> Machine.files(folders.data()));
            bundle.text("cursors.txt", () -> cursors(folders.data().resolve("log")));
            if (engine.isPresent()) {
                HubEngine hub = engine.get();
                bundle.document("configuration-in-use.json", () -> shown(hub.effectiveConfiguration()));
                bundle.document("memory.json", Machine::memory);
                bundle.text("threads.txt", Machine::threads);
                bundle.text("metrics.txt", () -> MetricsText.of(hub, plugins));
            }
            bundle.text("process.txt", () -> Machine.process(pid(folders.data())));
            bundle.tail("conf/jvm.options", folders.home().resolve("conf/jvm.options"), CRASH_BYTES);
            bundle.tail("conf/logback.xml", folders.home().resolve("conf/logback.xml"), CRASH_BYTES);
            logs(bundle, folders.data().resolve("logs"));
            return bundle.names();
        }
    }

    private Map<String, Object> about(HubFolders folders) {
        return Json.map("hub", context.getProperty("hub.version"), "running", engine.isPresent(),
                "at", engine.map(hub -> hub.clock().instant()), "home", folders.home(), "configuration", folders.configuration(), "data", folders.data(),
                "plugins", context.getProperty("hub.plugins"), "java", Machine.java());
    }

    private static Map<String, Object> shown(Effective effective) {
        Map<String, Object> values = new LinkedHashMap<>();
        effective.values().forEach((key, value) -> values.put(key, Json.map("value", value.shown(), "from", value.place().toString())));
        return values;
    }

    private List<Object> bundles() {
        return Arrays.stream(context.getBundles()).<Object>map(bundle -> Json.map("id", bundle.getBundleId(), "name", bundle.getSymbolicName(),
                "version", bundle.getVersion(), "state", bundle.getState(), "location", bundle.getLocation())).toList();
    }

    /** Of the hub: this process, or the one that left its number, if it is still there. */
    private String pid(Path data) throws IOException {
        Path file = data.resolve("run/hub.pid");
        return engine.isPresent() ? "self" : Files.exists(file) ? Files.readString(file).strip() : "none";
    }

    private static String cursors(Path log) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        new LogTool(new PrintStream(text, true, StandardCharsets.UTF_8)).run(List.of("cursors", log.toString()));
        return text.toString(StandardCharsets.UTF_8);
    }

    private static void logs(SupportBundle bundle, Path logs) throws IOException, InterruptedException {
        bundle.tail("logs/hub.log", logs.resolve("hub.log"), LOG_BYTES);
        bundle.tail("logs/console.log", logs.resolve("console.log"), CONSOLE_BYTES);
        if (Files.isDirectory(logs)) {
            List<Path> crashes;
            try (Stream<Path> files = Files.list(logs)) {
                crashes = files.filter(path -> path.getFileName().toString().startsWith("hs_err_")).sorted().toList();
            }
            for (Path crash : crashes.subList(Math.max(0, crashes.size() - MOST_CRASHES), crashes.size())) {
                bundle.tail("logs/" + crash.getFileName(), crash, CRASH_BYTES);
            }
        }
    }
}
