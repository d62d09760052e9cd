package io.monitoringhub.runtime.settings;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.metatype.AD;
import org.apache.felix.metatype.Designate;
import org.apache.felix.metatype.MetaData;
import org.apache.felix.metatype.MetaDataReader;
import org.apache.felix.metatype.OCD;
import org.osgi.service.metatype.AttributeDefinition;

/**
 * What plugins say of their own settings in {@code OSGI-INF/metatype/*.xml}. Read with Felix's parser instead of MetaTypeService, which
 * says neither the least nor the largest value, and knows nothing of a jar that is not installed yet.
 */
public final class MetatypeShapes {

    /** Where a bundle keeps it. */
    public static final String FOLDER = "OSGI-INF/metatype";

    private MetatypeShapes() {
    }

    /**
     * The settings of each factory in one file, by its PID.
     *
     * @throws IOException when it can't be read
     */
    public static Map<String, Shape.Group> read(InputStream xml) throws IOException {
        MetaData data = new MetaDataReader().parse(xml);
        Map<String, Shape.Group> shapes = new HashMap<>();
        if (data == null || data.getDesignates() == null || data.getObjectClassDefinitions() == null) {
            return shapes;
        }
        for (Object each : data.getDesignates()) {
            Designate designate = (Designate) each;
            Object definition = data.getObjectClassDefinitions().get(designate.getObject().getOcdRef());
            if (designate.getFactoryPid() != null && definition instanceof OCD described) {
                shapes.put(designate.getFactoryPid(), group(described));
            }
        }
        return shapes;
    }

    private static Shape.Group group(OCD definition) {
        Map<String, Shape.Field> fields = new LinkedHashMap<>();
        if (definition.getAttributeDefinitions() != null) {
            for (Object each : definition.getAttributeDefinitions().values()) {
                AD attribute = (AD) each;
                boolean isSecret = attribute.getID().startsWith(".") || attribute.getType() == AttributeDefinition.PASSWORD;
                Optional<String> standard = Optional.ofNullable(attribute.getDefaultValue()).map(values -> String.join(",", values));
                fields.put(attribute.getID().startsWith(".") ? attribute.getID().substring(1) : attribute.getID(),
                        new Shape.Field(text(attribute.getDescription()), leaf(attribute), standard, attribute.isRequired(), isSecret, false));
            }
        }
        return new Shape.Group(fields, false);
    }

    private static Shape.Leaf leaf(AD attribute) {
        String[] options = attribute.getOptionValues();
        Shape.Kind kind = kind(attribute.getType());
        boolean isNumber = kind == Shape.Kind.INTEGER || kind == Shape.Kind.NUMBER;
        Optional<String> least = Optional.ofNullable(attribute.getMin()).filter(min -> isNumber).or(() -> limit(attribute.getType(), true));
        Optional<String> most = Optional.ofNullable(attribute.getMax()).filter(max -> isNumber).or(() -> limit(attribute.getType(), false));
        return new Shape.Leaf(kind, options == null ? List.of() : List.of(options), least, most, attribute.getCardinality() != 0);
    }

    private static Shape.Kind kind(int type) {
        return switch (type) {
            case AttributeDefinition.INTEGER, AttributeDefinition.LONG, AttributeDefinition.SHORT, AttributeDefinition.BYTE -> Shape.Kind.INTEGER;
            case AttributeDefinition.DOUBLE, AttributeDefinition.FLOAT -> Shape.Kind.NUMBER;
            case AttributeDefinition.BOOLEAN -> Shape.Kind.FLAG;
            default -> Shape.Kind.TEXT;
        };
    }

    private static Optional<String> limit(int type, boolean least) {
        return switch (type) {
            case AttributeDefinition.INTEGER -> Optional.of(Integer.toString(least ? Integer.MIN_VALUE : Integer.MAX_VALUE));
            case AttributeDefinition.SHORT -> Optional.of(Short.toString(least ? Short.MIN_VALUE : Short.MAX_VALUE));
            case AttributeDefinition.BYTE -> Optional.of(Byte.toString(least ? Byte.MIN_VALUE : Byte.MAX_VALUE));
            default -> Optional.empty();
        };
    }

    private static String text(String description) {
        return description == null ? "" : description;
    }
}
