package io.monitoringhub.plugin.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.monitoringhub.plugin.elasticsearch.Cluster.Body;
import io.monitoringhub.plugin.elasticsearch.Cluster.Reply;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who answers: name and version, as far as they are told.
 *
 * <p>Immutable.
 *
 * @param name for people
 * @param isOpenSearch whether it says that it is OpenSearch
 * @param hasFlattened whether it can hold any object in one field that is searched by its members
 * @param hasTemplates whether it has composable index templates
 */
record Product(String name, boolean isOpenSearch, boolean hasFlattened, boolean hasTemplates) {

    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

    /** Asks. @throws PermanentDeliveryException when it is too old, or nothing of the kind */
    static Product of(Cluster cluster) throws DeliveryException, InterruptedException {
        Reply reply = cluster.ask("GET", "/", Body.NONE);
        if (reply.status() == 404 || reply.status() == 405) {
            // The root can be closed, and a bare server has none; each node knows its own version.
            reply = cluster.ask("GET", "/_nodes/_local/_none?filter_path=nodes.*.version,nodes.*.build_flavor", Body.NONE);
        }
        if (reply.status() == 403 || reply.status() == 404) {
            return new Product("a server that does not tell its version", false, false, true);
        }
        if (reply.status() != 200) {
            throw Verdict.ofRequest("ask " + reply.node() + " for its version", BulkAnswer.error(reply.status(), reply.answer().body()),
                    reply.retryAfter());
        }
        return read(reply);
    }

    private static Product read(Reply reply) throws PermanentDeliveryException {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = JSON.createParser(reply.answer().body())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING && parser.currentName() != null) {
                    fields.putIfAbsent(parser.currentName(), parser.getText());
                }
            }
        } catch (IOException e) {
            throw new PermanentDeliveryException(reply.node() + " answers, but is neither Elasticsearch nor OpenSearch; see hosts", e);
        }
        return of(fields.getOrDefault("number", fields.getOrDefault("version", "")), fields.getOrDefault("distribution", ""),
                fields.getOrDefault("build_flavor", ""), reply.node().toString());
    }

    /** From what {@code GET /} tells. */
    static Product of(String number, String distribution, String flavor, String node) throws PermanentDeliveryException {
        Matcher version = VERSION.matcher(number);
        if (!version.matches()) {
            throw new PermanentDeliveryException(node + " answers, but is neither Elasticsearch nor OpenSearch: it tells no version; see hosts");
        }
        boolean isOpenSearch = distribution.equals("opensearch") || flavor.isEmpty();
        int ordinal = Integer.parseInt(version.group(1)) * 10_000 + Integer.parseInt(version.group(2));
        String name = (isOpenSearch ? "OpenSearch " : "Elasticsearch ") + number;
        if (!isOpenSearch && ordinal < 70_000) {
            throw new PermanentDeliveryException(node + " is " + name + ": expected Elasticsearch 7 or later, or OpenSearch");
        }
        // OpenSearch has flat_object since 2.7, and reads names with dots in it since 2.12. The purely free build of 7 has no flattened.
        boolean hasFlattened = isOpenSearch ? ordinal >= 20_012 : ordinal >= 70_003 && !flavor.equals("oss");
        return new Product(name, isOpenSearch, hasFlattened, isOpenSearch || ordinal >= 70_008);
    }
}
