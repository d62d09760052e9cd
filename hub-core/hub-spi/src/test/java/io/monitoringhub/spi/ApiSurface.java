package io.monitoringhub.spi;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that a plugin can see of the SPI, as sorted text: packages with their versions, types with what they extend, permit and
 * promise (consumer or provider type), and their public and protected members.
 *
 * <p>Immutable.
 */
final class ApiSurface {

    private static final Pattern VERSION = Pattern.compile("@Version\\(\"([^\"]+)\"\\)");
    private static final Set<String> FROM_OBJECT = Set.of("equals(java.lang.Object)", "hashCode()", "toString()");

    private final Path sources;
    private final Path classes;

    ApiSurface(Path sources, Path classes) {
        this.sources = sources;
        this.classes = classes;
    }

    List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
                add(file, lines);
            }
        }
        return lines.stream().sorted().toList();
    }

    private void add(Path file, List<String> lines) throws IOException {
        String name = classes.relativize(file).toString().replace(file.getFileSystem().getSeparator(), ".").replaceAll("\\.class$", "");
        if (name.endsWith("module-info")) {
            return;
        }
        if (name.endsWith(".package-info")) {
            String source = Files.readString(sources.resolve(name.replace('.', '/') + ".java"));
            Matcher version = VERSION.matcher(source);
            lines.add(name.replaceAll("\\.package-info$", "") + " package " + (version.find() ? version.group(1) : "without a version")
                    + (source.contains("@Export") ? " exported" : ""));
            return;
        }
        try {
            Class<?> type = Class.forName(name, false, ApiSurface.class.getClassLoader());
            if (isVisible(type)) {
                lines.add(type.getTypeName() + " " + header(type, Files.readString(file, StandardCharsets.ISO_8859_1)));
                members(type).forEach(member -> lines.add(type.getTypeName() + " . " + member));
            }
        } catch (ClassNotFoundException e) {
            throw new IOException("cannot load " + name + " from " + file, e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (!isVisible(each.getModifiers()) || each.isAnonymousClass() || each.isLocalClass()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String header(Class<?> type, String bytes) {
        StringBuilder header = new StringBuilder(kind(type)).append(typeParameters(type.getTypeParameters()));
        int modifiers = type.getModifiers() & ~Modifier.INTERFACE & (type.isInterface() ? ~Modifier.ABSTRACT : ~0);
        header.insert(0, Modifier.toString(modifiers) + (type.isSealed() ? " sealed " : " "));
        if (type.isRecord()) {
            header.append(Arrays.stream(type.getRecordComponents()).map(ApiSurface::component).collect(Collectors.joining(", ", "(", ")")));
        }
        if (type.getGenericSuperclass() != null && type.getSuperclass() != Object.class && !type.isRecord() && !type.isEnum()) {
            header.append(" extends ").append(type.getGenericSuperclass().getTypeName());
        }
        header.append(list(type.isInterface() ? " extends " : " implements ", type.getGenericInterfaces()));
        if (type.isSealed()) {
            header.append(list(" permits ", type.getPermittedSubclasses()));
        }
        // The markers are not there at run time, but decide which versions a plugin accepts.
        for (String marker : List.of("ConsumerType", "ProviderType")) {
            header.append(bytes.contains("Lorg/osgi/annotation/versioning/" + marker + ";") ? " @" + marker : "");
        }
        return header.toString();
    }

    private static String kind(Class<?> type) {
        return type.isAnnotation() ? "annotation" : type.isInterface() ? "interface" : type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
    }

    private static String component(RecordComponent component) {
        return component.getGenericType().getTypeName() + " " + component.getName();
    }

    private static Stream<String> members(Class<?> type) {
        Stream<String> fields = Arrays.stream(type.getDeclaredFields()).filter(each -> isVisible(each.getModifiers()) && !each.isSynthetic())
                .map(ApiSurface::field);
        Stream<String> constructors = Arrays.stream(type.getDeclaredConstructors()).filter(each -> isVisible(each.getModifiers()))
                .map(ApiSurface::constructor);
        Stream<String> methods = Arrays.stream(type.getDeclaredMethods()).filter(each -> isVisible(each.getModifiers()) && !each.isSynthetic())
                .filter(each -> !FROM_OBJECT.contains(each.getName() + parameters(each))).map(ApiSurface::method);
        return Stream.of(fields, constructors, methods).flatMap(each -> each);
    }

    private static String field(Field field) {
        return Modifier.toString(field.getModifiers()) + " " + field.getGenericType().getTypeName() + " " + field.getName() + constant(field);
    }

    /** Compilers copy a constant into the classes that use it: a new value is a change, too. */
    private static String constant(Field field) {
        boolean isCopied = Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers())
                && (field.getType().isPrimitive() || field.getType() == String.class);
        try {
            return isCopied ? " = " + field.get(null) : "";
        } catch (IllegalAccessException e) {
            return "";
        }
    }

    private static String constructor(Constructor<?> constructor) {
        return Modifier.toString(constructor.getModifiers()) + " new" + parameters(constructor) + exceptions(constructor);
    }

    private static String method(Method method) {
        String modifiers = Modifier.toString(method.getModifiers() & Modifier.methodModifiers()) + (method.isDefault() ? " default" : "");
        return modifiers + " " + typeParameters(method.getTypeParameters()) + method.getGenericReturnType().getTypeName() + " " + method.getName()
                + parameters(method) + exceptions(method);
    }

    private static String parameters(Executable code) {
        return Arrays.stream(code.getGenericParameterTypes()).map(Type::getTypeName).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String exceptions(Executable code) {
        return list(" throws ", code.getGenericExceptionTypes());
    }

    private static String typeParameters(TypeVariable<?>[] variables) {
        return variables.length == 0 ? "" : Arrays.stream(variables)
                .map(each -> each.getName() + list(" extends ", each.getBounds())).collect(Collectors.joining(", ", "<", "> "));
    }

    private static String list(String before, Type... types) {
        return types.length == 0 ? "" : Arrays.stream(types).map(Type::getTypeName).collect(Collectors.joining(", ", before, ""));
    }
}
