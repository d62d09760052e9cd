package io.monitoringhub.plugin.httpbackend;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a hub says of a request. Immutable.
 *
 * @param stored how many entries it has stored now or had before; -1 if it does not say
 * @param refused how many it refused
 * @param errors which those are and why
 * @param code of the error of the whole request; empty if there is none
 * @param message of that error
 */
record HubAnswer(long stored, long refused, List<ItemError> errors, String code, String message) {

    /**
     * An entry that was refused.
     *
     * @param index its place in the request, from 0
     * @param code why, for programs
     * @param reason the same for people
     */
    record ItemError(int index, String code, String reason) { }

    /** @return nothing if a hub does not talk like that */
    static Optional<HubAnswer> of(HttpAnswer answer) {
        if (!answer.isJson()) {
            return Optional.empty();
        }
        try (JsonParser parser = new JsonFactory().createParser(answer.body())) {
            Reading reading = new Reading(parser);
            reading.read();
            return reading.isHubs() ? Optional.of(reading.answer()) : Optional.empty();
        } catch (IOException noJson) {
            return Optional.empty();
        }
    }

    boolean hasCounts() {
        return stored >= 0;
    }

    /** Goes through the JSON once. */
    private static final class Reading {

        private final JsonParser parser;
        private final List<ItemError> errors = new ArrayList<>();
        private long accepted = -1;
        private long known;
        private long refused;
        private String code = "";
        private String message = "";

        Reading(JsonParser parser) {
            this.parser = parser;
        }

        void read() throws IOException {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value == JsonToken.VALUE_NUMBER_INT) {
                    number(name, parser.getLongValue());
                } else if (name.equals("error") && value == JsonToken.START_OBJECT) {
                    error();
                } else if (name.equals("errors") && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        item();
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void number(String name, long value) {
            switch (name) {
                case "accepted" -> accepted = value;
                case "known" -> known = value;
                case "refused" -> refused = value;
                default -> { }
            }
        }

        private void error() throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("code")) {
                    code = parser.getValueAsString("");
                } else if (name.equals("message")) {
                    message = parser.getValueAsString("");
                }
                parser.skipChildren();
            }
        }

        private void item() throws IOException {
            int index = -1;
            String why = "refused";
            String reason = "";
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "index" -> index = parser.getValueAsInt(-1);
                    case "code" -> why = parser.getValueAsString(why);
                    case "reason" -> reason = parser.getValueAsString("");
                    default -> { }
                }
                parser.skipChildren();
            }
            errors.add(new ItemError(index, why, reason));
        }

        boolean isHubs() {
            return accepted >= 0 || !code.isEmpty();
        }

        HubAnswer answer() {
            return new HubAnswer(accepted < 0 ? -1 : accepted + known, refused, List.copyOf(errors), code, message);
        }
    }
}
