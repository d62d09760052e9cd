package io.monitoringhub.runtime.plugins;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
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
