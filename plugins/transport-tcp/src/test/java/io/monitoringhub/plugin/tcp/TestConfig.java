package io.monitoringhub.plugin.tcp;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;

/** Configurations as Declarative Services make them: the given values, and defaults for the rest. */
final class TestConfig {

    private TestConfig() { }

    /** @param values by key as in hub.yaml; an exception is thrown when its key is read */
    static TcpConfig of(Map<String, Object> values) {
        return (TcpConfig) Proxy.newProxyInstance(TestConfig.class.getClassLoader(), new Class<?>[] {TcpConfig.class},
                (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Annotation.class || method.getDeclaringClass() == Object.class) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    Object value = values.getOrDefault(key(method.getName()), method.getDefaultValue());
                    if (value instanceof RuntimeException failure) {
                        throw failure;
                    }
                    return value;
                });
    }

    /** The key of an accessor, by the rules of Declarative Services. */
    static String key(String accessor) {
        return accessor.replace("__", "\0").replace('_', '.').replace('\0', '_');
    }
}
