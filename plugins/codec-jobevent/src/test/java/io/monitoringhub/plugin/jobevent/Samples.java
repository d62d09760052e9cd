package io.monitoringhub.plugin.jobevent;

/** Documents of the older format. */
final class Samples {

    static final String SMALLEST = "{\"site_id\":\"s\",\"entity\":{\"id\":\"1\"},\"event\":{\"kind\":\"finished\",\"at\":5}}";

    private Samples() {
    }

    static String event(String kind) {
        return """
                {"idempotency_key":"4711-1","site_id":"fab1","app":{"app_id":"a7","name":"planner","version":"2.1"},
                 "entity":{"type":"order","id":"4711","parent_id":"4700","business_key":"B-9","sub_key":7},
                 "event":{"kind":"%s","at":"2026-11-22T12:00:00Z","status":"well","metrics":{"percent":40,"items":12.50,
                   "size":{"value":3,"unit":"MB"},"note":"odd"},"metadata":{"host":"n1","deep":[1,{"a":null}]}},"custom":true}
                """.formatted(kind);
    }
}
