package io.monitoringhub.distribution.destinations;

import io.monitoringhub.testservers.SearchServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Elasticsearch or OpenSearch. Used by one thread at a time. */
final class SearchDestination extends ServerDestination<SearchServer> {

    private static final int PAGE = 10_000;
    private static final Pattern HIT = Pattern.compile("\"bench\":\"(\\d+)\".*?\"sort\":\\[(\\d+)]");

    private final Maker maker;
    SearchDestination(Maker maker) {
        this.maker = maker;
    }

    /** Makes one of the two. */
    interface Maker {
        SearchServer in(Path folder) throws IOException;
    }

    @Override
    public String type() {
        return "elasticsearch";
    }

    @Override
    SearchServer in(Path folder) throws Exception {
        return maker.in(folder);
    }

    @Override
    public String settings() {
        return "hosts: [\"" + server().url() + "\"], index: \"load-{date}\"";
    }

    @Override
    public List<Long> held() throws Exception {
        server().ask("POST", "/load-*/_refresh", "");
        List<Long> held = new ArrayList<>();
        long last = -1;
        int before;
        do {
            before = held.size();
            Matcher hits = HIT.matcher(server().ask("POST", "/load-*/_search?filter_path=hits.hits._source,hits.hits.sort", "{\"size\":" + PAGE
                    + ",\"_source\":[\"labels.bench\"],\"sort\":[\"event.sequence\"],\"search_after\":[" + last + "]}"));
            while (hits.find()) {
                held.add(Long.parseLong(hits.group(1)));
                last = Long.parseLong(hits.group(2));
            }
        } while (held.size() > before);
        return held;
    }
}
