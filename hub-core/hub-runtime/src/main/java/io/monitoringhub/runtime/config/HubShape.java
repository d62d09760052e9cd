package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.JsonSchema;
import io.monitoringhub.runtime.settings.RecordShape;
import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.spi.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The whole of {@code hub.yaml} as one shape: the hub's own keys, and those of the plugins that are there. Immutable.
 *
 * @param types what plugins take
 */
record HubShape(PluginTypes types) {

    static final String TRANSPORTS = "transports";
    static final String BACKENDS = "backends";
    static final String ROUTES = "routes";
    static final String SECURITY = "security";
    static final String TYPE = "type";
    static final String START = "start";
    /** The key under a backend that is the hub's and not the plugin's. */
    static final String DELIVERY = LaneReader.DELIVERY;

    private static final RecordShape<HubFile> FILE = RecordShape.of(HubFile.class);

    /** The keys at the top, but for what stands below transports and backends. */
    static Shape.Group sections() {
        return FILE.shape();
    }

    /** All keys at the top; instances with what is known of every type of theirs. */
    Shape.Group top() {
        Map<String, Shape.Field> fields = new LinkedHashMap<>();
        fields.put(TRANSPORTS, Shape.Field.of("Where messages come in, by a name of your choice.", new Shape.Named(own(Kind.TRANSPORT))));
        fields.put(BACKENDS, Shape.Field.of("Where they go, by a name of your choice.", new Shape.Named(own(Kind.BACKEND))));
        fields.put(ROUTES, Shape.Field.of("Who goes where: the first rule that matches decides.",
                new Shape.Rows(RecordShape.of(RouteKeys.class).shape())));
        fields.putAll(sections().fields());
        return new Shape.Group(fields, false);
    }

    /** What is the hub's own below an instance, whatever its type. */
    static Shape.Group own(Kind kind) {
        Map<String, Shape.Field> fields = new LinkedHashMap<>();
        Shape text = Shape.Leaf.of(Shape.Kind.TEXT);
        if (kind == Kind.TRANSPORT) {
            fields.put(TYPE, Shape.Field.of("Type of the transport plugin; left out: the name.", text));
        } else {
            fields.put(TYPE, Shape.Field.of("Type of the backend plugin.", text).asRequired());
            fields.put(START, new Shape.Field("Where a backend begins that the hub did not know before: latest, earliest, or a time.", text,
                    Optional.of("latest"), false, false, false));
            fields.put(DELIVERY, Shape.Field.of("How the hub delivers to it.", RecordShape.of(DeliverySection.class).shape()));
        }
        return new Shape.Group(fields, true);
    }

    /** All keys of an instance of a type; open where the type is not there. */
    Shape.Group instance(Kind kind, String type) {
        Shape.Group own = own(kind);
        return types.of(kind, type).map(plugin -> new Shape.Group(own.fields(), false).with(plugin.fields())).orElse(own);
    }

    /** As a JSON Schema for editors. */
    Map<String, Object> schema() {
        Map<String, Object> schema = JsonSchema.of(top());
        Map<String, Object> properties = new LinkedHashMap<>(JsonSchema.properties(schema));
        properties.put(TRANSPORTS, instances(Kind.TRANSPORT));
        properties.put(BACKENDS, instances(Kind.BACKEND));
        schema.put("properties", properties);
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "Monitoring Hub");
        return schema;
    }

    /** What stands below an instance depends on its type, and that of a transport may be its name. */
    private Map<String, Object> instances(Kind kind) {
        List<Object> byType = new ArrayList<>();
        Map<String, Object> byName = new LinkedHashMap<>();
        for (String type : types.types(kind)) {
            Map<String, Object> instance = JsonSchema.of(instance(kind, type));
            byType.add(Map.of("if", Map.of("type", "object", "required", List.of(TYPE), "properties", Map.of(TYPE, Map.of("const", type))),
                    "then", instance));
            if (kind == Kind.TRANSPORT) {
                byName.put(type, Map.of("if", Map.of("type", "object", "required", List.of(TYPE)), "else", instance));
            }
        }
        Map<String, Object> any = JsonSchema.of(own(kind));
        if (!byType.isEmpty()) {
            any.put("allOf", byType);
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", top().fields().get(kind.word() + "s").says());
        schema.put("type", List.of("object", "null"));
        if (!byName.isEmpty()) {
            byName.replaceAll((name, instance) -> Map.of("allOf", List.of(any, instance)));
            schema.put("properties", byName);
        }
        schema.put("additionalProperties", any);
        return schema;
    }
}
