package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The OpenAPI description that a hub serves, and whether its answers are what that says. Stricter than what it tells clients: fields that it
 * does not name are refused. Used by one thread at a time.
 */
final class DescribedApi {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode description;
    private final Set<String> asked = new TreeSet<>();

    DescribedApi(String json) throws JsonProcessingException {
        description = JSON.readTree(json);
        forbidFurtherFields(description);
    }

    /** So that a field that is not described is found. */
    private static void forbidFurtherFields(JsonNode node) {
        if (node instanceof ObjectNode schema && schema.path("properties").isObject() && !schema.has("additionalProperties")) {
            schema.put("additionalProperties", false);
        }
        node.forEach(DescribedApi::forbidFurtherFields);
    }

    /** All addresses that are described. */
    Set<String> addresses() {
        Set<String> all = new TreeSet<>();
        description.get("paths").fieldNames().forEachRemaining(all::add);
        return all;
    }

    /** Those of which an answer was compared. */
    Set<String> asked() {
        return asked;
    }

    /** Fails unless this answer is described: status, media type, headers and body. */
    void check(String method, String address, HttpResponse<String> response) throws JsonProcessingException {
        String what = method + " " + address + ": " + response.statusCode() + " " + response.headers().map() + "\n" + response.body();
        JsonNode answer = answer(method, address, response.statusCode());
        answer.path("headers").fieldNames().forEachRemaining(name -> assertThat(response.headers().firstValue(name)).as(what).isPresent());
        if (!answer.has("content")) {
            assertThat(response.body()).as(what).isEmpty();
            return;
        }
        String type = response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
        assertThat(answer.get("content").has(type)).as(what).isTrue();
        if (type.equals("application/json")) {
            ObjectNode schema = JSON.createObjectNode();
            schema.set("components", description.get("components"));
            schema.putArray("allOf").add(answer.get("content").get(type).get("schema"));
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema).validate(JSON.readTree(response.body())))
                    .as(what).isEmpty();
        }
    }

    /** What is described for this status. */
    JsonNode answer(String method, String address, int status) {
        String path = address.replaceFirst("\\?.*", "");
        String template = addresses().stream().filter(each -> path.matches(each.replaceAll("\\{[a-z]+}", "[^/]+"))).findFirst()
                .orElseThrow(() -> new AssertionError(path + " is not described, only " + addresses()));
        asked.add(template);
        JsonNode operations = description.get("paths").get(template);
        // what another method than the described ones is answered stands with these
        JsonNode operation = operations.has(method.toLowerCase(Locale.ROOT)) ? operations.get(method.toLowerCase(Locale.ROOT)) : operations.elements().next();
        JsonNode answer = operation.get("responses").path(Integer.toString(status));
        assertThat(answer.isMissingNode()).as("%s %s: %d is not described", method, address, status).isFalse();
        return answer.has("$ref") ? description.at(answer.get("$ref").asText().substring(1)) : answer;
    }
}
