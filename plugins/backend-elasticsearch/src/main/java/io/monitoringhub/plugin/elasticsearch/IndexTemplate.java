package io.monitoringhub.plugin.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.monitoringhub.plugin.elasticsearch.BulkAnswer.Failure;
import io.monitoringhub.plugin.elasticsearch.Cluster.Body;
import io.monitoringhub.plugin.elasticsearch.Cluster.Reply;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index template: which fields there are and what they hold. Nothing that a client sends adds a field.
 *
 * <p>Used by one thread at a time.
 */
final class IndexTemplate {

    private static final Logger LOG = LoggerFactory.getLogger(IndexTemplate.class);
    private static final JsonFactory JSON = new JsonFactory();
    /** Raised with every change of the fields. The last digit tells how labels are held. */
    private static final int VERSION = 10;

    private static final String WORD = "{\"type\":\"keyword\",\"ignore_above\":1024}";
    private static final String NUMBER = "{\"type\":\"double\"}";
    private static final String DATE = "{\"type\":\"date\"}";

    private final String name;
    private final String json;
    private final int version;

    IndexTemplate(ElasticsearchSettings settings, Product product) {
        name = "hub-" + IndexName.common(settings.index());
        version = VERSION + (product.hasFlattened() ? 1 : 0);
        json = json(settings, product);
    }

    private String json(ElasticsearchSettings settings, Product product) {
        JsonText text = new JsonText();
        text.raw("{\"index_patterns\":[").string(IndexName.wildcard(settings.index())).raw("],\"priority\":200,\"version\":")
                .raw(Integer.toString(version)).raw(",\"_meta\":{\"description\":\"Entries of Monitoring Hub\",\"managed_by\":\"monitoring-hub\"}");
        if (settings.isDataStream()) {
            text.raw(",\"data_stream\":{}");
        }
        text.raw(",\"composed_of\":[");
        for (int i = 0; i < settings.components().size(); i++) {
            text.raw(i == 0 ? "" : ",").string(settings.components().get(i));
        }
        text.raw("],\"template\":{");
        if (settings.components().isEmpty()) {
            text.raw("\"settings\":{\"index\":{\"auto_expand_replicas\":\"0-1\"}},");
        }
        return text.raw("\"mappings\":").raw(mappings(product)).raw("}}").toString();
    }

    private static String mappings(Product product) {
        String labels = !product.hasFlattened() ? "{\"type\":\"object\",\"enabled\":false}"
                : product.isOpenSearch() ? "{\"type\":\"flat_object\"}" : "{\"type\":\"flattened\",\"ignore_above\":1024}";
        return "{\"dynamic\":false,\"date_detection\":false,\"properties\":{"
                + "\"@timestamp\":" + DATE
                + ",\"message\":{\"type\":\"text\",\"norms\":false}"
                + ",\"labels\":" + labels
                + object("ecs", "version", WORD)
                + object("event", "kind", WORD, "module", WORD, "dataset", WORD, "created", DATE, "sequence", "{\"type\":\"long\"}",
                        "start", DATE, "end", DATE, "duration", "{\"type\":\"long\"}",
                        "original", "{\"type\":\"keyword\",\"index\":false,\"doc_values\":false}")
                + object("hub", "log", WORD)
                + object("service", "name", WORD)
                + object("log", "level", WORD)
                + object("trace", "id", WORD)
                + object("parent", "id", WORD)
                + object("span", "id", WORD, "name", WORD, "status", WORD)
                + object("metric", "name", WORD, "value", NUMBER, "unit", WORD)
                + object("progress", "job_id", WORD, "percent", NUMBER, "status", WORD)
                + object("resource", "cpu", NUMBER, "mem", NUMBER, "disk", NUMBER, "net", NUMBER)
                + "}}";
    }

    private static String object(String name, String... fields) {
        StringBuilder json = new StringBuilder(",\"" + name + "\":{\"dynamic\":false,\"properties\":{");
        for (int i = 0; i < fields.length; i += 2) {
            json.append(i == 0 ? "\"" : ",\"").append(fields[i]).append("\":").append(fields[i + 1]);
        }
        return json.append("}}").toString();
    }

    /** Puts the template where there is none, or an older one. */
    void ensure(Cluster cluster) throws DeliveryException, InterruptedException {
        Reply found = cluster.ask("GET", "/_index_template/" + name + "?filter_path=index_templates.index_template.version,error,status",
                Body.NONE);
        if (found.status() != 404) {
            require(found, "read the index template " + name);
            if (versionOf(found) >= version) {
                return;
            }
        }
        require(cluster.ask("PUT", "/_index_template/" + name, Body.json(json)), "put the index template " + name);
        LOG.info("index template {} is now version {}; indices that exist keep the fields they have", name, version);
    }

    private static void require(Reply reply, String attempt) throws DeliveryException {
        if (reply.status() >= 200 && reply.status() <= 299) {
            return;
        }
        Failure failure = BulkAnswer.error(reply.status(), reply.answer().body());
        DeliveryException meaning = Verdict.ofRequest(attempt, failure, reply.retryAfter());
        if (reply.status() == 403) {
            throw new PermanentDeliveryException("cannot " + attempt + ": unauthorised: " + failure
                    + "; grant manage_index_templates, or put it yourself and set template: false", meaning);
        }
        if (meaning instanceof BatchRefusedException) {
            throw new PermanentDeliveryException("cannot " + attempt + ": " + failure
                    + "; see index and component_templates, or put a template yourself and set template: false", meaning);
        }
        throw meaning;
    }

    private static int versionOf(Reply reply) {
        try (JsonParser parser = JSON.createParser(reply.answer().body())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT && "version".equals(parser.currentName())) {
                    return parser.getIntValue();
                }
            }
        } catch (IOException e) {
            LOG.debug("the answer to a look at the index template is not understood; it is put anew", e);
        }
        return -1;
    }
}
