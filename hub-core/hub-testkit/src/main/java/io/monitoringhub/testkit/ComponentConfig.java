package io.monitoringhub.testkit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;

/** Configurations as Declarative Services make them: the given values, and defaults for the rest. Immutable. */
public final class ComponentConfig {

    private ComponentConfig() {
    }

    /**
     * A configuration of a plugin's own type.
     *
     * @param type the component property annotation
     * @param values by key as in hub.yaml; a {@link RuntimeException} as value is thrown when its key is read, as happens with a value
     *        that can't be converted
     */
    public static <A> A of(Class<A> type, Map<String, ?> values) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == Annotation.class || method.getDeclaringClass() == Object.class) {
                throw new UnsupportedOperationException(method.getName());
            }
            Object value = values.get(key(method.getName()));
            if (value instanceof RuntimeException failure) {
                throw failure;
            }
            return value == null ? method.getDefaultValue() : value;
        }));
    }

    /** The key of an accessor, by the rules of Declarative Services. */
    public static String key(String accessor) {
        return accessor.replace("__", "\0").replace('_', '.').replace('\0', '_');
    }
}
