package io.monitoringhub.runtime.plugins;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Says in words why a bundle does not resolve.
 *
 * <p>Immutable.
 */
final class Requirements {

    private static final Pattern PACKAGE = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]+)\\)");

    private final FrameworkWiring wiring;

    Requirements(FrameworkWiring wiring) {
        this.wiring = wiring;
    }

    String whyUnresolved(Bundle bundle) {
        List<BundleRequirement> missing = bundle.adapt(BundleRevision.class).getDeclaredRequirements(null).stream()
                .filter(Requirements::isNeededToResolve)
                .filter(requirement -> wiring.findProviders(requirement).isEmpty())
                .toList();
        if (missing.isEmpty()) {
            return "what it needs is there, but not in one consistent set of versions";
        }
        return missing.stream().map(Requirements::describe).collect(Collectors.joining("; ", "nobody provides ", ""));
    }

    private static boolean isNeededToResolve(BundleRequirement requirement) {
        String resolution = requirement.getDirectives().get(Constants.RESOLUTION_DIRECTIVE);
        String effective = requirement.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE);
        boolean dynamic = PackageNamespace.RESOLUTION_DYNAMIC.equals(resolution);
        return !Constants.RESOLUTION_OPTIONAL.equals(resolution) && !dynamic && effective.equals(Constants.EFFECTIVE_RESOLVE);
    }

    private static String describe(BundleRequirement requirement) {
        String filter = requirement.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
        Matcher matcher = PACKAGE.matcher(filter);
        if (requirement.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) && matcher.find()) {
            return "package " + matcher.group(1) + " " + filter;
        }
        return requirement.getNamespace() + " " + filter;
    }
}
