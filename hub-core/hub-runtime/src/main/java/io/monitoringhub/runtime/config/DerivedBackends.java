package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Nearest;
import io.monitoringhub.runtime.settings.Values;
import io.monitoringhub.spi.ComponentId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Backends as routes name them: those of the file, and variants of them with some settings replaced. A variant is an instance of its own,
 * so it has a lane and a cursor of its own, too. Its name is made of the backend's and of the one that the route gives it: whoever edits
 * settings or moves rules keeps the position.
 *
 * <p>Used once, by one thread.
 */
final class DerivedBackends {

    private static final List<String> KEYS = List.of("backend", "as", "with");

    /** Makes an instance of settings, and says what is wrong with them. */
    interface Maker {
        Optional<InstanceConfiguration> make(String key, String name, Map<String, Object> settings);
    }

    private record Variant(String key, String backend, String as) {
    }

    private final ConfigurationReader reader;
    private final Maker maker;
    private final Map<String, Object> settings;
    private final Map<String, InstanceConfiguration> instances;
    private final Set<String> names;
    private final List<String> problems;
    private final Map<String, Variant> variants = new LinkedHashMap<>();
    private final Map<String, Map<String, Object>> replaced = new LinkedHashMap<>();

    /**
     * @param settings of all backends, as the file has them
     * @param instances of all backends that have no fault; variants are added
     */
    DerivedBackends(ConfigurationReader reader, Maker maker, Map<String, Object> settings, Map<String, InstanceConfiguration> instances,
            List<String> problems) {
        this.reader = reader;
        this.maker = maker;
        this.settings = settings;
        this.instances = instances;
        this.names = new TreeSet<>(settings.keySet());
        names.addAll(instances.keySet());
        this.problems = problems;
    }

    /**
     * Reads where a rule sends entries.
     *
     * @param list the key of the list that it stands in
     * @param key its own
     * @return the instance's name
     */
    String target(String list, String key, Object value) {
        if (!(value instanceof Map)) {
            known(list, value.toString());
            return value.toString();
        }
        Map<String, Object> target = Values.asMap(value).orElseThrow();
        reader.knownKeys(key + ".", target.keySet(), KEYS);
        String backend = String.valueOf(target.getOrDefault("backend", ""));
        known(key + ".backend", backend);
        boolean hasName = target.containsKey("as");
        Optional<Map<String, Object>> with = Values.asMap(target.get("with"));
        if (with.isEmpty() || with.get().containsKey("type")) {
            problems.add(key + ".with: expected settings of backend '" + backend + "' to replace, as in '{ path: data/audit }', but not its"
                    + " type, not '" + target.get("with") + "'");
            return backend;
        }
        if (!hasName && with.get().isEmpty()) {
            return backend;
        }
        String as = String.valueOf(target.getOrDefault("as", ""));
        String name = backend + "-" + as;
        if (as.isEmpty() || !ComponentId.isName(name)) {
            problems.add(key + ".as: expected a name for this variant of '" + backend + "', which becomes that of its lane and cursor: lower-case"
                    + " letters, digits, '_' and '-', as in '{ backend: " + backend + ", as: audit, with: { ... } }', not '" + as + "'");
            return backend;
        }
        note(key, name, new Variant(key, backend, as), with.get());
        return name;
    }

    private void known(String key, String backend) {
        if (!names.contains(backend)) {
            problems.add(key + ": there is no backend '" + backend + "'" + Nearest.hint(backend, names));
        }
    }

    private void note(String key, String name, Variant variant, Map<String, Object> with) {
        if (names.contains(name)) {
            problems.add(key + ".as: '" + variant.as() + "' makes the name '" + name + "', which a backend has already; choose another");
            return;
        }
        Variant before = variants.putIfAbsent(name, variant);
        if (before != null && !before.backend().equals(variant.backend())) {
            problems.add(key + ".as: '" + name + "' is a variant of '" + before.backend() + "' in " + before.key() + "; choose another name");
            return;
        }
        Map<String, Object> earlier = with.isEmpty() ? null : replaced.putIfAbsent(name, with);
        if (earlier != null && !earlier.equals(with)) {
            problems.add(key + ".with: '" + name + "' has other settings in " + before.key() + "; give them once, or give this one another"
                    + " name with 'as'");
        }
    }

    /** Makes the instances; all rules have been read. */
    void finish() {
        variants.forEach((name, variant) -> {
            if (!replaced.containsKey(name)) {
                problems.add(variant.key() + ".with: expected the settings that make '" + name + "' differ from '" + variant.backend()
                        + "', here or where else a rule names it");
            } else if (instances.containsKey(variant.backend())) {
                Map<String, Object> base = Values.asMap(settings.get(variant.backend())).orElse(Map.of());
                maker.make(variant.key() + ".with", name, merged(base, replaced.get(name)))
                        .ifPresent(instance -> instances.put(name, instance));
            }
        });
    }

    /** Sections are merged, everything else is replaced. */
    private static Map<String, Object> merged(Map<String, Object> base, Map<String, Object> over) {
        Map<String, Object> merged = new LinkedHashMap<>(base);
        over.forEach((key, value) -> {
            Object below = merged.get(key);
            merged.put(key, below instanceof Map && value instanceof Map
                    ? merged(Values.asMap(below).orElseThrow(), Values.asMap(value).orElseThrow()) : value);
        });
        return merged;
    }
}
