package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Place;
import io.monitoringhub.runtime.settings.Places;
import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.runtime.settings.Values;
import io.monitoringhub.spi.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every key with the value that holds, and where it comes from. Immutable.
 *
 * @param values by key, in the order of the shape
 */
public record Effective(Map<String, Value> values) {

    public Effective {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * One value.
     *
     * @param real what holds; shown to nobody
     * @param shown the same for people: without what is secret, and look-ups as they are written
     * @param place where it comes from
     * @param restart whether a change takes effect with the next start only
     * @param isInstance whether this is the type that tells that there is an instance
     */
    public record Value(String real, String shown, Place place, boolean restart, boolean isInstance) {

        boolean isDefault() {
            return place.equals(Place.DEFAULT);
        }

        @Override
        public String toString() {
            return shown;
        }
    }

    static Effective of(HubShape shape, SettingsTree tree, Places places) {
        Walk walk = new Walk(places);
        for (Map.Entry<String, Shape.Field> field : shape.top().fields().entrySet()) {
            String key = field.getKey();
            Kind kind = key.equals(HubShape.TRANSPORTS) ? Kind.TRANSPORT : Kind.BACKEND;
            if (key.equals(HubShape.TRANSPORTS) || key.equals(HubShape.BACKENDS)) {
                tree.section(key).forEach((name, value) -> walk.instance(key + "." + name, value, shape, kind, type(name, value)));
            } else {
                walk.value(key, tree.value(key).orElse(null), field.getValue().shape(), Optional.of(field.getValue()));
            }
        }
        return new Effective(walk.values);
    }

    private static String type(String name, Object instance) {
        return Values.asMap(instance).map(settings -> settings.get(HubShape.TYPE)).map(Values::text).orElse(name);
    }

    /** This, but with those values that only a start changes as they were then. */
    public Effective asStartedWith(Effective start) {
        Map<String, Value> all = new LinkedHashMap<>(values);
        all.replaceAll((key, value) -> value.restart() ? start.values.getOrDefault(key, value) : value);
        return new Effective(all);
    }

    /** Goes through settings and shape side by side. */
    private static final class Walk {

        private final Places places;
        private final Map<String, Value> values = new LinkedHashMap<>();

        Walk(Places places) {
            this.places = places;
        }

        void instance(String key, Object value, HubShape shape, Kind kind, String type) {
            String typeKey = key + "." + HubShape.TYPE;
            values.put(typeKey, new Value(type, type, places.nearest(typeKey).orElse(Place.DEFAULT), false, true));
            Map<String, Object> settings = new LinkedHashMap<>(Values.asMap(value).orElse(Map.of()));
            settings.remove(HubShape.TYPE);
            Object delivery = settings.remove(HubShape.DELIVERY);
            Map<String, Object> flat = Values.flat(settings);
            if (delivery != null) {
                flat.put(HubShape.DELIVERY, delivery);
            }
            group(key, flat, shape.instance(kind, type));
        }

        void value(String key, Object value, Shape shape, Optional<Shape.Field> field) {
            if (shape instanceof Shape.Group group) {
                group(key, Values.asMap(value).orElse(Map.of()), group);
            } else if (shape instanceof Shape.Named named) {
                Values.asMap(value).orElse(Map.of()).forEach((name, each) -> value(key + "." + name, each, named.each(), Optional.empty()));
            } else if (shape instanceof Shape.Rows rows) {
                List<Object> all = Values.asList(value);
                for (int i = 0; i < all.size(); i++) {
                    group(key + "[" + i + "]", Values.asMap(all.get(i)).orElse(Map.of()), rows.each());
                }
            } else if (shape instanceof Shape.Any && value != null) {
                unknown(key, value);
            } else {
                leaf(key, value, field);
            }
        }

        private void group(String key, Map<String, Object> settings, Shape.Group group) {
            group.fields().forEach((name, field) -> value(key + "." + name, settings.get(name), field.shape(), Optional.of(field)));
            settings.forEach((name, value) -> {
                if (!group.fields().containsKey(name)) {
                    unknown(key + "." + name, value);
                }
            });
        }

        /** Nobody says of what shape it is: what stands below it may be secret. */
        private void unknown(String key, Object value) {
            if (value instanceof Map) {
                Values.asMap(value).orElseThrow().forEach((name, below) -> unknown(key + "." + name, below));
            } else if (value instanceof List<?> list && list.stream().anyMatch(each -> each instanceof Map || each instanceof List)) {
                for (int i = 0; i < list.size(); i++) {
                    unknown(key + "[" + i + "]", list.get(i));
                }
            } else {
                leaf(key, value, Optional.empty());
            }
        }

        private void leaf(String key, Object value, Optional<Shape.Field> field) {
            boolean restart = field.map(Shape.Field::restart).orElse(false);
            boolean isSecret = field.map(Shape.Field::secret).orElse(false);
            if (value == null) {
                field.flatMap(Shape.Field::standard).ifPresent(standard -> put(key, "[" + standard + "]", isSecret ? "***" : standard, Place.DEFAULT, restart));
                return;
            }
            List<String> shown = new ArrayList<>();
            List<String> real = Values.asList(value).stream().map(Values::text).toList();
            for (int i = 0; i < real.size(); i++) {
                String each = key + (value instanceof List ? "[" + i + "]" : "");
                shown.add(isSecret ? "***" : Secrets.shown(key, places.written(each).orElse(real.get(i))));
            }
            put(key, real.toString(), value instanceof List ? shown.toString() : String.join("", shown),
                    places.nearest(key).orElse(Place.DEFAULT), restart);
        }

        private void put(String key, String real, String shown, Place place, boolean restart) {
            values.put(key, new Value(real, shown, place, restart, false));
        }
    }
}
