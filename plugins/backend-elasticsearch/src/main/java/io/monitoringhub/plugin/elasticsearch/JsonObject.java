package io.monitoringhub.plugin.elasticsearch;

/**
 * An object as a further member of the object that is open. Nothing is written if it gets no member.
 *
 * <p>Used by one thread at a time.
 */
final class JsonObject {

    private final JsonText json;
    private final String name;
    private boolean isOpen;

    JsonObject(JsonText json, String name) {
        this.json = json;
        this.name = name;
    }

    /** @param text null leaves the member out */
    JsonObject text(String member, String text) {
        if (text != null) {
            begin(member).string(text);
        }
        return this;
    }

    JsonObject text(String member, byte[] utf8, int count) {
        begin(member).string(utf8, count);
        return this;
    }

    /** @param number NaN leaves the member out */
    JsonObject number(String member, double number) {
        if (!Double.isNaN(number)) {
            begin(member).raw(Double.toString(number));
        }
        return this;
    }

    JsonObject whole(String member, long number) {
        begin(member).raw(Long.toString(number));
        return this;
    }

    void end() {
        if (isOpen) {
            json.raw('}');
        }
    }

    private JsonText begin(String member) {
        json.raw(isOpen ? ",\"" : ",\"" + name + "\":{\"");
        isOpen = true;
        return json.raw(member).raw("\":");
    }
}
