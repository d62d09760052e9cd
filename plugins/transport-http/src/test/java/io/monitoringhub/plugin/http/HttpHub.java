package io.monitoringhub.plugin.http;

import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.IngestSettings;
import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.ingest.access.AccessSettings;
import io.monitoringhub.ingest.access.TokenHash;
import io.monitoringhub.ingest.access.TokenSettings;
import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.plugin.http.server.WebServer;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testkit.RecordingHealth;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** The transport in front of a real engine and a real log on disk. What stands in for the HTTP Whiteboard only knows our two servlets. */
final class HttpHub implements AutoCloseable {

    final Map<String, Codec> codecs = new ConcurrentHashMap<>();
    /** Tokens that the hub refuses, and why. */
    final Map<String, SubmissionRefusedException.Reason> refusedTokens = new ConcurrentHashMap<>();
    final Access access = new Access();
    final SegmentedLog log;
    final IngestEngine engine;
    final ListeningSockets sockets = new ListeningSockets(Duration.ofSeconds(10));
    final WebServer server = new WebServer(new Whiteboard());
    private final Path folder;
    private final List<TokenSettings> tokens = new ArrayList<>();
    private HttpTransport transport;

    private HttpHub(Path folder, IngestSettings settings) throws IOException {
        this.folder = folder;
        log = SegmentedLog.open(new LogSettings(folder.resolve("log"), LogSettings.Durability.SYNC, 1 << 20, Duration.ofHours(1), 1 << 28,
                LogSettings.OnFull.BLOCK), LogEvents.none(), Clock.systemUTC());
        engine = new IngestEngine(log, settings, (from, peer, refusal, bytes, start, end) -> { }, access, Clock.systemUTC(), "test");
    }

    static HttpHub start(Path folder, Map<String, Object> config) throws Exception {
        return start(folder, IngestSettings.DEFAULT, config);
    }

    static HttpHub start(Path folder, IngestSettings settings, Map<String, Object> config) throws Exception {
        HttpHub hub = new HttpHub(folder, settings);
        hub.startTransport(config);
        return hub;
    }

    void startTransport(Map<String, Object> config) throws Exception {
        Map<String, Object> all = new HashMap<>(Map.of("port", 0));
        all.putAll(config);
        transport = new HttpTransport(ComponentConfig.of(HttpConfig.class, all), server, new IngestServlet());
        transport.start(new RefusingIngest(ingest(), refusedTokens));
    }

    void stopTransport() throws InterruptedException {
        transport.stop(Duration.ofSeconds(2));
    }

    Ingest ingest() {
        return engine.ingest(new ComponentId(Kind.TRANSPORT, "http", "http"), new RecordingHealth(), UnaryOperator.identity(), sockets,
                name -> Optional.ofNullable(codecs.get(name)));
    }

    /** Wants tokens from those who show one: this one, for messages of some sources, by some transports. */
    void wantToken(String token, List<String> sources, Set<String> transports) {
        tokens.add(new TokenSettings("token-" + tokens.size(), TokenHash.of(token), sources, transports, OptionalLong.empty(), false));
        access.configure(new AccessSettings(true, tokens, Set.of("http"), 0));
    }

    int port() {
        return Integer.parseInt(transport.address().substring(transport.address().lastIndexOf(':') + 1));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    Path folder() {
        return folder;
    }

    /** Every message in the log, in its order. */
    List<String> stored() throws Exception {
        List<String> messages = new ArrayList<>();
        try (LogReader reader = log.reader(0)) {
            for (List<Frame> frames = reader.read(1 << 20); !frames.isEmpty(); frames = reader.read(1 << 20)) {
                for (Frame frame : frames) {
                    Chunk chunk = Chunk.of(frame.payload(), new SourceNames());
                    for (int i = 0; i < chunk.count(); i++) {
                        messages.add(StandardCharsets.UTF_8.decode(chunk.message(i)).toString());
                    }
                }
            }
        }
        return messages;
    }

    @Override
    public void close() throws Exception {
        transport.stop(Duration.ofSeconds(2));
        sockets.close();
        access.close();
        log.close();
    }

    /** Sends requests to the servlets by their patterns. */
    private static final class Whiteboard extends HttpServlet {

        private static final long serialVersionUID = 1L;

        private final IngestServlet ingest = new IngestServlet();
        private final DescriptionServlet description = new DescriptionServlet();

        @Override
        public void init(ServletConfig config) throws ServletException {
            super.init(config);
            ingest.init(config);
            description.init(config);
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException {
            switch (request.getRequestURI()) {
                case IngestServlet.EVENTS, IngestServlet.BATCH, IngestServlet.EVENTS_BATCH -> ingest.service(request, response);
                case DescriptionServlet.ADDRESS -> description.service(request, response);
                default -> response.sendError(404);
            }
        }
    }
}
