package io.monitoringhub.runtime.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A record as a section of the configuration: its components with {@link Setting} are the keys. A component is a value (text, a number, a
 * flag, a {@link Duration}, a {@link DataSize}, a
 * {@link Percent}, a {@link Path}, a constant of an enum), a record, a map from names to records, a list of
 * values or of records, an Optional of one of them, or an Object, which somebody else checks.
 *
 * <p>Immutable.
 */
public final class RecordShape<R extends Record> {

    private final Class<R> type;

    private RecordShape(Class<R> type) {
        this.type = type;
    }

    public static <R extends Record> RecordShape<R> of(Class<R> type) {
        return new RecordShape<>(type);
    }

    /** The keys and what they take. */
    public Shape.Group shape() {
        return group(type);
    }

    /** Makes the record. What is missing or was found wrong by {@link ShapeCheck} has its default. */
    public R read(Object settings) {
        return type.cast(record(type, Values.asMap(settings).orElse(Map.of())));
    }

    private static Shape.Group group(Class<?> record) {
        Map<String, Shape.Field> fields = new LinkedHashMap<>();
        for (RecordComponent component : record.getRecordComponents()) {
            Setting setting = setting(component);
            Optional<String> standard = given(setting.standard());
            Shape shape = shape(component.getGenericType(), setting);
            fields.put(key(component), new Shape.Field(setting.says(), shape, standard, setting.required(), setting.secret(), setting.restart()));
        }
        return new Shape.Group(fields, false);
    }

    private static Setting setting(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException(component + " of " + component.getDeclaringRecord() + " says not what it is: it needs @Setting");
        }
        return setting;
    }

    private static Shape shape(Type type, Setting setting) {
        if (type instanceof ParameterizedType generic) {
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Map.class) {
                return new Shape.Named(shape(last, setting));
            }
            Shape each = shape(last, setting);
            if (generic.getRawType() == List.class && each instanceof Shape.Leaf leaf) {
                return new Shape.Leaf(leaf.kind(), leaf.options(), leaf.least(), leaf.most(), true);
            }
            return generic.getRawType() == List.class ? new Shape.Rows((Shape.Group) each) : each;
        }
        Class<?> plain = (Class<?>) type;
        if (plain == Object.class) {
            return new Shape.Any();
        }
        if (isSection(plain)) {
            return group(plain);
        }
        Optional<String> most = given(setting.most()).or(() -> isInt(plain) ? Optional.of(Integer.toString(Integer.MAX_VALUE)) : Optional.empty());
        return new Shape.Leaf(kind(plain), options(plain), given(setting.least()), most, false);
    }

    private static Shape.Kind kind(Class<?> type) {
        if (type == DataSize.class) {
            return Shape.Kind.SIZE;
        }
        if (type == Percent.class) {
            return Shape.Kind.PERCENT;
        }
        if (type == Duration.class) {
            return Shape.Kind.DURATION;
        }
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return Shape.Kind.INTEGER;
        }
        if (type == boolean.class || type == Boolean.class) {
            return Shape.Kind.FLAG;
        }
        if (type == String.class || type == Path.class || type.isEnum()) {
            return Shape.Kind.TEXT;
        }
        throw new IllegalStateException(type + " is no type of a setting");
    }

    private static List<String> options(Class<?> type) {
        return type.isEnum() ? Arrays.stream(type.getEnumConstants()).map(RecordShape::word).toList() : List.of();
    }

    private static String word(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
    }

    private static Object record(Class<?> record, Map<String, Object> settings) {
        RecordComponent[] components = record.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Setting setting = setting(components[i]);
            Object given = settings.get(key(components[i]));
            Shape shape = shape(components[i].getGenericType(), setting);
            boolean isUsable = given != null && isGood(given, shape);
            Object standard = given(setting.standard()).map(Object.class::cast).orElse(null);
            values[i] = value(components[i].getGenericType(), isUsable ? given : standard);
        }
        try {
            Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            var constructor = record.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException refused) {
            throw new IllegalStateException(record + " does not take its own defaults", refused.getCause());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(record + " cannot be made", impossible);
        }
    }

    /** A record picks what is good of it, a value is good as a whole. */
    private static boolean isGood(Object given, Shape shape) {
        List<String> problems = new ArrayList<>();
        if (shape instanceof Shape.Leaf) {
            new ShapeCheck(problems::add).check("", given, shape);
        }
        return problems.isEmpty();
    }

    private static Object value(Type type, Object given) {
        if (type instanceof ParameterizedType generic) {
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Optional.class) {
                return Optional.ofNullable(given).map(value -> value(last, value));
            }
            if (generic.getRawType() == List.class) {
                return Values.asList(given).stream().map(each -> value(last, each)).toList();
            }
            Map<String, Object> named = new LinkedHashMap<>();
            Values.asMap(given).orElse(Map.of()).forEach((name, each) -> named.put(name, value(last, each)));
            return named;
        }
        Class<?> plain = (Class<?>) type;
        if (isSection(plain)) {
            return record(plain, Values.asMap(given).orElse(Map.of()));
        }
        if (plain == Object.class) {
            return given == null ? "" : given;
        }
        return given == null ? nothing(plain) : parsed(plain, Values.text(given));
    }

    private static Object nothing(Class<?> type) {
        throw new IllegalStateException("a setting of type " + type.getSimpleName() + " without a default has to be an Optional");
    }

    private static Object parsed(Class<?> type, String text) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants()).filter(constant -> word(constant).equals(text)).findFirst().orElseThrow();
        }
        if (type == Path.class) {
            return Path.of(text);
        }
        return switch (kind(type)) {
            case SIZE -> DataSize.of(text);
            case PERCENT -> Percent.of(text);
            case DURATION -> Quantities.duration(text);
            case INTEGER -> integer(type, text);
            case FLAG -> Boolean.valueOf(text);
            default -> text;
        };
    }

    private static Object integer(Class<?> type, String text) {
        // Not one conditional expression: that would make a Long of both.
        if (isInt(type)) {
            return Integer.valueOf(text);
        }
        return Long.valueOf(text);
    }

    private static boolean isSection(Class<?> type) {
        return type.isRecord() && type != DataSize.class && type != Percent.class;
    }

    private static boolean isInt(Class<?> type) {
        return type == int.class || type == Integer.class;
    }

    private static String key(RecordComponent component) {
        String key = setting(component).key();
        return key.isEmpty() ? component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT) : key;
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
