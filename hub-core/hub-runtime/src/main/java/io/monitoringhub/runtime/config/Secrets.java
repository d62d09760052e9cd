package io.monitoringhub.runtime.config;

import java.util.regex.Pattern;

/**
 * Keeps secrets out of service properties. A setting named {@code password}, {@code secret} or {@code token}, or ending in one of them
 * after an underscore, becomes a property that starts with a dot: Declarative Services give such a one to the component and to nobody else.
 */
final class Secrets {

    private static final Pattern SECRET = Pattern.compile("(.*_)?(password|secret|token)");

    private Secrets() {
    }

    static String propertyFor(String setting) {
        return SECRET.matcher(setting).matches() ? "." + setting : setting;
    }
}
