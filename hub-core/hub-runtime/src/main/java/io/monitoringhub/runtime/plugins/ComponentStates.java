package io.monitoringhub.runtime.plugins;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/**
 * What Declarative Services knows and tells nobody: why a component of a bundle, itself active, does not work.
 *
 * <p>A component that waits for its configuration is no problem; one that misses a service or whose activation threw is.
 *
 * <p>Thread-safe.
 */
@Component(service = ComponentStates.class)
public final class ComponentStates {

    private final ServiceComponentRuntime runtime;

    /**
     * One instance of a component. Immutable.
     *
     * @param component its name
     * @param pid of its configuration; empty where it has none
     */
    record Instance(String component, String pid) {

        private static Instance of(ComponentConfigurationDTO instance) {
            return new Instance(instance.description.name, Objects.toString(instance.properties.get(Constants.SERVICE_PID), ""));
        }
    }

    @Activate
    public ComponentStates(@Reference ServiceComponentRuntime runtime) {
        this.runtime = runtime;
    }

    /** One sentence per component of the bundle that does not work; empty when all is well. */
    public List<String> problems(Bundle bundle) {
        if (bundle.getState() == Bundle.UNINSTALLED) {
            return List.of();
        }
        return runtime.getComponentDescriptionDTOs(bundle).stream().flatMap(this::problems).toList();
    }

    /**
     * How the components of a bundle are, to be compared with those of its successor. Taken while the bundle runs.
     */
    Map<Instance, Integer> states(Bundle bundle) {
        Map<Instance, Integer> states = new LinkedHashMap<>();
        instances(bundle).forEach(instance -> states.put(Instance.of(instance), instance.state));
        return states;
    }

    /**
     * What is worse than it was, for a reason that lies in the bundle: the configuration and the rest of the framework are the same.
     *
     * @param before of the version before; empty where there was none
     * @return one sentence each
     */
    List<String> lost(Map<Instance, Integer> before, Bundle bundle) {
        List<String> lost = new ArrayList<>();
        Set<String> served = new HashSet<>();
        instances(bundle).forEach(now -> {
            Instance instance = Instance.of(now);
            boolean failed = now.state == ComponentConfigurationDTO.FAILED_ACTIVATION
                    && before.getOrDefault(instance, 0) != ComponentConfigurationDTO.FAILED_ACTIVATION;
            boolean misses = now.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE && works(before.getOrDefault(instance, 0));
            if (failed || misses) {
                problem(now).forEach(lost::add);
            }
            served.add(instance.pid());
        });
        before.forEach((instance, state) -> {
            if (works(state) && !instance.pid().isEmpty() && !served.contains(instance.pid())) {
                lost.add("no component takes the configuration " + instance.pid() + " any more, which " + instance.component() + " did");
            }
        });
        return lost;
    }

    private static boolean works(int state) {
        return state == ComponentConfigurationDTO.SATISFIED || state == ComponentConfigurationDTO.ACTIVE;
    }

    private Stream<ComponentConfigurationDTO> instances(Bundle bundle) {
        return runtime.getComponentDescriptionDTOs(bundle).stream().flatMap(each -> runtime.getComponentConfigurationDTOs(each).stream());
    }

    private Stream<String> problems(ComponentDescriptionDTO component) {
        return runtime.getComponentConfigurationDTOs(component).stream().flatMap(ComponentStates::problem);
    }

    private static Stream<String> problem(ComponentConfigurationDTO instance) {
        String name = "component " + instance.description.name;
        return switch (instance.state) {
            case ComponentConfigurationDTO.FAILED_ACTIVATION -> Stream.of(name + " failed: " + firstLine(instance.failure));
            case ComponentConfigurationDTO.UNSATISFIED_REFERENCE -> Stream.of(name + " misses " + missing(instance));
            default -> Stream.empty();
        };
    }

    private static String missing(ComponentConfigurationDTO instance) {
        return Arrays.stream(instance.unsatisfiedReferences)
                .map(reference -> reference.name + (reference.target == null ? "" : " " + reference.target))
                .collect(Collectors.joining(", "));
    }

    /** The failure is a whole stack trace, whose last cause says most. */
    private static String firstLine(String failure) {
        if (failure == null) {
            return "unknown";
        }
        return failure.lines().filter(line -> line.startsWith("Caused by: ")).reduce((first, second) -> second)
                .map(line -> line.substring("Caused by: ".length()))
                .orElseGet(() -> failure.lines().findFirst().orElse("unknown"));
    }
}
