package io.monitoringhub.ingest;

import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.Ingest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** An engine over a {@link HeldLog}. */
final class IngestFixture {

    static final long NOW = 1_700_000_000_000L;

    static final HealthReporter NO_HEALTH = new HealthReporter() {
        @Override
        public void ok() {
        }

        @Override
        public void degraded(String reason) {
        }

        @Override
        public void failed(String reason) {
        }
    };

    /** For sessions that a test opens itself. */
    static final ListeningSockets NO_SOCKETS = null;

    static final Function<String, Optional<Codec>> NO_CODECS = name -> Optional.empty();

    final HeldLog log = new HeldLog();
    final List<RefusalCode> refusedCodes = new ArrayList<>();
    final List<String> refusedLines = new ArrayList<>();
    final AtomicLong nanos = new AtomicLong();
    final Access access = new Access(nanos::get);
    final IngestEngine engine;
    final Ingest ingest;

    IngestFixture() {
        this(IngestSettings.DEFAULT);
    }

    IngestFixture(IngestSettings settings) {
        Refusals refusals = (transport, peer, refusal, bytes, from, to) -> {
            refusedCodes.add(refusal.code());
            refusedLines.add(new String(bytes, from, to - from, StandardCharsets.UTF_8));
        };
        engine = new IngestEngine(log, settings, refusals, access, Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC), "test-hub");
        ingest = engine.ingest(new ComponentId(Kind.TRANSPORT, "tcp", "tcp"), NO_HEALTH, UnaryOperator.identity(), IngestFixture.NO_SOCKETS,
                IngestFixture.NO_CODECS);
    }

    FakePeer connect() {
        return new FakePeer().connect(ingest);
    }

    static String message(int n) {
        return "{\"v\":1,\"src\":\"queue-service\",\"ts\":" + NOW + ",\"type\":\"event\",\"tid\":\"t\",\"data\":{\"level\":\"info\",\"msg\":\"m"
                + n + "\"}}";
    }

    static String line(int n) {
        return message(n) + "\n";
    }

    static String lines(int from, int to) {
        StringBuilder lines = new StringBuilder();
        for (int n = from; n <= to; n++) {
            lines.append(line(n));
        }
        return lines.toString();
    }

    static List<String> messages(int from, int to) {
        return lines(from, to).lines().toList();
    }

    static String hello(UUID client, long next) {
        return "{\"v\":1,\"type\":\"hello\",\"src\":\"queue-service\",\"ts\":" + NOW + ",\"data\":{\"client\":\"" + client + "\",\"next\":" + next
                + ",\"sdk\":\"test/1\"}}\n";
    }
}
