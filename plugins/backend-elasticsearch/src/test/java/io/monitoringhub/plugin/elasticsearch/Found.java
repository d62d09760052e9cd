package io.monitoringhub.plugin.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.monitoringhub.testservers.SearchServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a server holds, read back by searches. */
final class Found {

    private static final int PAGE = 10_000;

    private Found() { }

    /** The messages in indices of this name, in the order of offsets. */
    static List<String> originals(SearchServer server, String indices) throws IOException {
        return values(server, indices, "event.original", "original");
    }

    /** The values of a field of each document that has it, in the order of offsets. */
    static List<String> values(SearchServer server, String indices, String field, String member) throws IOException {
        server.ask("POST", "/" + indices + "/_refresh", "");
        List<String> found = new ArrayList<>();
        long last = -1;
        for (boolean isMore = true; isMore;) {
            String answer = server.ask("POST", "/" + indices + "/_search?filter_path=hits.hits._source,hits.hits.sort", "{\"size\":" + PAGE
                    + ",\"_source\":[\"" + field + "\"],\"sort\":[{\"event.sequence\":{\"order\":\"asc\",\"unmapped_type\":\"long\"}}],"
                    + "\"search_after\":[" + last + "]}");
            long next = read(answer, member, found);
            isMore = next >= 0;
            last = next;
        }
        return found;
    }

    private static long read(String answer, String member, List<String> found) throws IOException {
        long last = -1;
        try (JsonParser parser = new JsonFactory().createParser(answer)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME && parser.currentName().equals("sort")) {
                    parser.nextToken();
                    parser.nextToken();
                    last = parser.getLongValue();
                } else if (token == JsonToken.FIELD_NAME && parser.currentName().equals(member)) {
                    parser.nextToken();
                    found.add(parser.getText());
                }
            }
        }
        return last;
    }

    /** How many documents match. */
    static long count(SearchServer server, String indices, String query) throws IOException {
        server.ask("POST", "/" + indices + "/_refresh", "");
        return Long.parseLong(server.ask("POST", "/" + indices + "/_count?filter_path=count", "{\"query\":" + query + "}").replaceAll("\\D", ""));
    }
}
