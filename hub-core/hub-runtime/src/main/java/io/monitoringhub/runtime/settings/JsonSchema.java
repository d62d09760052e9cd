package io.monitoringhub.runtime.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shapes as JSON Schema, draft 7, which editors know. What a look-up will give can't be known, so text with <code>${</code> fits
 * everywhere, and no value of a secret is in it.
 */
public final class JsonSchema {

    private static final String LOOK_UP = "\\$\\{";
    private static final String INTEGER = "^-?[0-9]+$";
    private static final String SIZE = "^\\s*[0-9]{1,15}\\s*([kKmMgG][iI]?[bB]|[tT][bB]|[bB])?\\s*$";
    private static final String DURATION = "^\\s*[0-9]{1,15}\\s*([mM][sS]|[sS]|[mM]|[mM][iI][nN]|[hH]|[dD])\\s*$";

    private static final String PERCENT = "^(100|[0-9]{1,2})%$";

    private JsonSchema() {
    }

    /** The schema of a group; can be added to. */
    public static Map<String, Object> of(Shape.Group group) {
        Map<String, Object> schema = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        Map<String, Object> properties = new LinkedHashMap<>();
        group.fields().forEach((name, field) -> {
            properties.put(name, field(field));
            if (field.required() && field.standard().isEmpty()) {
                required.add(name);
            }
        });
        sections(group).forEach((name, section) -> properties.putIfAbsent(name, of(section)));
        schema.put("type", required.isEmpty() ? List.of("object", "null") : "object");
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        if (!group.isOpen()) {
            schema.put("additionalProperties", false);
        }
        return schema;
    }

    /** A key with a dot may be written as a section. */
    private static Map<String, Shape.Group> sections(Shape.Group group) {
        Map<String, Map<String, Shape.Field>> sections = new LinkedHashMap<>();
        group.fields().forEach((name, field) -> {
            int dot = name.indexOf('.');
            if (dot > 0) {
                sections.computeIfAbsent(name.substring(0, dot), any -> new LinkedHashMap<>()).put(name.substring(dot + 1), field);
            }
        });
        Map<String, Shape.Group> groups = new LinkedHashMap<>();
        sections.forEach((name, fields) -> groups.put(name, new Shape.Group(fields, false)));
        return groups;
    }

    /** The schemas of a group's keys. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> properties(Map<String, Object> group) {
        return (Map<String, Object>) group.get("properties");
    }

    /** As text. */
    public static String text(Map<String, Object> schema) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(schema);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("maps and lists can be written", impossible);
        }
    }

    private static Map<String, Object> field(Shape.Field field) {
        Map<String, Object> schema = shape(field.shape());
        if (!field.says().isEmpty()) {
            schema.put("description", field.says());
        }
        if (!field.secret() && field.shape() instanceof Shape.Leaf leaf) {
            field.standard().ifPresent(standard -> schema.put("default", standard(standard, leaf)));
        }
        return schema;
    }

    private static Map<String, Object> shape(Shape shape) {
        Map<String, Object> schema = new LinkedHashMap<>();
        if (shape instanceof Shape.Group group) {
            return of(group);
        } else if (shape instanceof Shape.Named named) {
            schema.put("type", List.of("object", "null"));
            schema.put("additionalProperties", shape(named.each()));
        } else if (shape instanceof Shape.Rows rows) {
            Map<String, Object> row = of(rows.each());
            schema.put("anyOf", List.of(Map.of("type", "array", "items", row), row, Map.of("type", "null")));
        } else if (shape instanceof Shape.Leaf leaf && leaf.many()) {
            List<Object> one = alternatives(leaf);
            List<Object> all = new ArrayList<>(one);
            all.add(Map.of("type", "array", "items", Map.of("anyOf", one)));
            schema.put("anyOf", all);
        } else if (shape instanceof Shape.Leaf leaf) {
            schema.put("anyOf", alternatives(leaf));
        }
        return schema;
    }

    private static List<Object> alternatives(Shape.Leaf leaf) {
        Object lookUp = Map.of("type", "string", "pattern", LOOK_UP);
        if (!leaf.options().isEmpty()) {
            return List.of(Map.of("enum", leaf.options()), lookUp);
        }
        return switch (leaf.kind()) {
            case TEXT -> List.of(Map.of("type", List.of("string", "number", "boolean")));
            case FLAG -> List.of(Map.of("type", "boolean"), Map.of("enum", List.of("true", "false")), lookUp);
            case INTEGER -> List.of(number("integer", leaf), Map.of("type", "string", "pattern", INTEGER), lookUp);
            case NUMBER -> List.of(number("number", leaf), Map.of("type", "string"));
            case SIZE -> List.of(Map.of("type", "integer", "minimum", 0), Map.of("type", "string", "pattern", SIZE), lookUp);
            case PERCENT -> List.of(Map.of("type", "string", "pattern", PERCENT), lookUp);
            case DURATION -> List.of(Map.of("type", "string", "pattern", DURATION), lookUp);
        };
    }

    private static Map<String, Object> number(String type, Shape.Leaf leaf) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", type);
        leaf.least().ifPresent(least -> schema.put("minimum", new BigDecimal(least)));
        leaf.most().ifPresent(most -> schema.put("maximum", new BigDecimal(most)));
        return schema;
    }

    private static Object standard(String standard, Shape.Leaf leaf) {
        return switch (leaf.many() ? Shape.Kind.TEXT : leaf.kind()) {
            case INTEGER, NUMBER -> new BigDecimal(standard);
            case FLAG -> Boolean.valueOf(standard);
            default -> standard;
        };
    }
}
