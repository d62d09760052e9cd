package io.monitoringhub.sdk;

import io.monitoringhub.sdk.direct.Backend;
import io.monitoringhub.sdk.direct.BackendOptions;
import io.monitoringhub.sdk.direct.DeliveryMode;
import io.monitoringhub.sdk.direct.DirectSender;
import io.monitoringhub.sdk.direct.DirectSettings;
import io.monitoringhub.sdk.internal.Counters;
import io.monitoringhub.sdk.internal.Outlet;
import io.monitoringhub.sdk.internal.Sender;
import io.monitoringhub.sdk.internal.Settings;
import io.monitoringhub.sdk.internal.SpoolPlace;
import io.monitoringhub.sdk.internal.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Describes an SDK. An option that is left out is taken from the environment variable named with it, else from the default. Nothing throws: a wrong value
 * counts as left out and is named in {@link Stats#lastError}. Used by one thread at a time.
 */
public final class SdkBuilder {

    private String wrong = "";
    private String source = "";
    private String host;
    private int port = 17_000;
    private String token;
    private boolean tls;
    private Optional<Path> tlsCa;
    private Optional<Path> tlsCert;
    private Optional<Path> tlsKey;
    private boolean compress;
    private Protocol protocol = Protocol.AUTO;
    private int bufferMessages = 1_000;
    private long stagingBytes = 8 << 20;
    private Duration linger = Duration.ofMillis(5);
    private Optional<Duration> connectTimeout = Optional.empty();
    private Duration welcomeTimeout = Duration.ofSeconds(10);
    private Duration closeTimeout = Duration.ofSeconds(3);
    private Duration shutdownTimeout = Duration.ofSeconds(2);
    private Duration backoffMin = Duration.ofMillis(100);
    private Duration backoffMax = Duration.ofSeconds(30);
    private boolean spool = true;
    private Optional<Path> spoolDirectory;
    private long spoolBytes = 64 << 20;
    private Duration resourceInterval = Duration.ZERO;
    private String traceId;
    private String parentSpan;
    private final List<DirectSettings.Used> backends = new ArrayList<>();
    private DeliveryMode delivery = DeliveryMode.ALL;
    private final Map<String, Object> context = new LinkedHashMap<>();

    SdkBuilder(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        host = environment.text("MONITORING_HOST", "127.0.0.1");
        token = environment.text("MONITORING_TOKEN", "");
        traceId = environment.text("MONITORING_TRACE_ID", "");
        parentSpan = environment.text("MONITORING_PARENT_SPAN", "");
        port((int) environment.number("MONITORING_PORT", port));
        tls = environment.isOn("MONITORING_TLS");
        tlsCa = environment.file("MONITORING_TLS_CA");
        tlsCert = environment.file("MONITORING_TLS_CERT");
        tlsKey = environment.file("MONITORING_TLS_KEY");
        spoolDirectory = environment.file("MONITORING_SPOOL_DIR");
        resourceInterval(Duration.ofMillis((long) (1_000 * environment.number("MONITORING_RESOURCE_INTERVAL", 0))));
        wrong = environment.wrong().isEmpty() ? wrong : environment.wrong();
    }

    private boolean sound(boolean right, String option, Object value) {
        if (!right) {
            wrong = "option " + option + " ignored: " + value;
        }
        return right;
    }

    /** Who sends: the service's or program's name. Default: that of the main class. */
    public SdkBuilder source(String name) {
        source = Messages.identifier(name);
        return this;
    }

    /** Address of the hub, or the absolute path of its Unix socket. {@code MONITORING_HOST}, else {@code 127.0.0.1}. */
    public SdkBuilder host(String address) {
        if (sound(address != null && !address.isBlank(), "host", address)) {
            host = address;
        }
        return this;
    }

    /** Its TCP port. {@code MONITORING_PORT}, else 17000. */
    public SdkBuilder port(int number) {
        if (sound(number > 0 && number < 65_536, "port", number)) {
            port = number;
        }
        return this;
    }

    /** The shared secret. {@code MONITORING_TOKEN}, else none. */
    public SdkBuilder token(String secret) {
        token = secret == null ? "" : secret;
        return this;
    }

    /** Whether to encrypt, and to check the hub's certificate and its name; not for a Unix socket. {@code MONITORING_TLS}, else no. */
    public SdkBuilder tls(boolean yes) {
        tls = yes;
        return this;
    }

    /** PEM file: who may have signed the hub's certificate; null: whom the JVM trusts. {@code MONITORING_TLS_CA}. */
    public SdkBuilder tlsCa(Path file) {
        tlsCa = Optional.ofNullable(file);
        return this;
    }

    /** PEM file: this program's certificate, for a hub that asks for one; with {@link #tlsKey}. {@code MONITORING_TLS_CERT}. */
    public SdkBuilder tlsCert(Path file) {
        tlsCert = Optional.ofNullable(file);
        return this;
    }

    /** PEM file: its private key, PKCS #8 without a password. {@code MONITORING_TLS_KEY}. */
    public SdkBuilder tlsKey(Path file) {
        tlsKey = Optional.ofNullable(file);
        return this;
    }

    /** Whether to compress what is sent, if the hub can take that: less to carry, more to compute. Default: no. */
    public SdkBuilder compress(boolean yes) {
        compress = yes;
        return this;
    }

    /** How to talk to the hub. Default: {@link Protocol#AUTO}. */
    public SdkBuilder protocol(Protocol kind) {
        if (sound(kind != null, "protocol", kind)) {
            protocol = kind;
        }
        return this;
    }

    /** Messages in memory until the hub has confirmed them. Default: 1,000. */
    public SdkBuilder bufferMessages(int count) {
        if (sound(count > 0, "bufferMessages", count)) {
            bufferMessages = count;
        }
        return this;
    }

    /** How far the application may be ahead of the sender thread; more is lost. Default: 8 MiB. */
    public SdkBuilder stagingBytes(long bytes) {
        if (sound(bytes >= Messages.MAX_LINE, "stagingBytes", bytes)) {
            stagingBytes = bytes;
        }
        return this;
    }

    /** How long messages that keep coming are collected for one write; the first after a pause goes at once. Default: 5 ms. */
    public SdkBuilder linger(Duration time) {
        linger = time(time, "linger", linger);
        return this;
    }

    /** For an attempt to connect, with TLS its handshake included. Default: 2 s, with TLS 10 s. */
    public SdkBuilder connectTimeout(Duration time) {
        connectTimeout = Optional.ofNullable(time(time, "connectTimeout", connectTimeout.orElse(null)));
        return this;
    }

    /** For the answer to hello. Default: 10 s. */
    public SdkBuilder welcomeTimeout(Duration time) {
        welcomeTimeout = time(time, "welcomeTimeout", welcomeTimeout);
        return this;
    }

    /** The longest that {@code close} waits. Default: 3 s. */
    public SdkBuilder closeTimeout(Duration time) {
        closeTimeout = time(time, "closeTimeout", closeTimeout);
        return this;
    }

    /** The longest that the end of the process waits, if nobody has called {@code close}. Default: 2 s. */
    public SdkBuilder shutdownTimeout(Duration time) {
        shutdownTimeout = time(time, "shutdownTimeout", shutdownTimeout);
        return this;
    }

    /** Limits of the pause between attempts to connect: exponential, full jitter. Default: 100 ms and 30 s. */
    public SdkBuilder backoff(Duration least, Duration most) {
        backoffMin = time(least, "backoff", backoffMin);
        backoffMax = time(most, "backoff", backoffMax);
        return this;
    }

    private Duration time(Duration given, String option, Duration otherwise) {
        boolean right = given != null && !given.isNegative() && given.compareTo(Duration.ofDays(1)) <= 0;
        return sound(right, option, given) ? given : otherwise;
    }

    /** Whether to keep on disk what memory can't hold and what is left at the end. Default: true. */
    public SdkBuilder spool(boolean keep) {
        spool = keep;
        return this;
    }

    /** Folder of the spool files. {@code MONITORING_SPOOL_DIR}, else {@code <tmp>/monitoring-spool-<uid>}, which a restart of the machine may empty. */
    public SdkBuilder spoolDirectory(Path directory) {
        if (sound(directory != null, "spoolDirectory", directory)) {
            spoolDirectory = Optional.of(directory);
        }
        return this;
    }

    /** The most that one source keeps there. Default: 64 MiB. */
    public SdkBuilder spoolBytes(long bytes) {
        if (sound(bytes >= 0, "spoolBytes", bytes)) {
            spoolBytes = bytes;
        }
        return this;
    }

    /** How often to report what this process uses; zero: not by itself. {@code MONITORING_RESOURCE_INTERVAL} in seconds, else zero. */
    public SdkBuilder resourceInterval(Duration time) {
        resourceInterval = time(time, "resourceInterval", resourceInterval);
        return this;
    }

    /** The trace to begin with. {@code MONITORING_TRACE_ID}, else none. */
    public SdkBuilder traceId(String id) {
        traceId = id;
        return this;
    }

    /** The span of another process above ours. {@code MONITORING_PARENT_SPAN}, else none. */
    public SdkBuilder parentSpan(String id) {
        parentSpan = id;
        return this;
    }

    /** A first {@link MonitoringSdk#setContext}. */
    public SdkBuilder context(String key, Object value) {
        if (sound(key != null, "context", key)) {
            context.put(key, value);
        }
        return this;
    }

    /** Direct mode: everything goes to these backends, used as suits them, and not to a hub's socket. */
    public SdkBuilder direct(Backend... destinations) {
        if (sound(destinations != null && !Arrays.asList(destinations).contains(null), "direct", "null")) {
            List.of(destinations).forEach(each -> backend(each, as -> as));
        }
        return this;
    }

    /** Direct mode, as {@link #direct}: also to this backend, used as it is said here. */
    public SdkBuilder backend(Backend destination, UnaryOperator<BackendOptions> use) {
        BackendOptions options = destination == null || use == null ? null : use.apply(destination.options());
        if (sound(options != null, "backend", "null")) {
            backends.add(new DirectSettings.Used(destination, options));
        }
        return this;
    }

    /** In direct mode: to all backends, or to the first that works. Default: {@link DeliveryMode#ALL}. */
    public SdkBuilder delivery(DeliveryMode mode) {
        if (sound(mode != null, "delivery", mode)) {
            delivery = mode;
        }
        return this;
    }

    /** Starts it. Nothing waits for the hub. */
    public MonitoringSdk build() {
        String name = source.isEmpty() ? programName() : source;
        Optional<SpoolPlace> place = !spool ? Optional.empty()
                : Optional.of(new SpoolPlace(spoolDirectory.orElseGet(SdkBuilder::privateFolder), spoolDirectory.isEmpty(), spoolBytes));
        Optional<Tls> hidden = tls ? Optional.of(new Tls(tlsCa, tlsCert, tlsKey)) : Optional.empty();
        Settings settings = new Settings(name, host, port, hidden, protocol != Protocol.PLAIN, protocol != Protocol.ACKED, compress, bufferMessages,
                stagingBytes, linger, connectTimeout.orElse(Duration.ofSeconds(tls ? 10 : 2)), welcomeTimeout, backoffMin, backoffMax, place);
        Counters counters = new Counters();
        counters.error(wrong);
        Traces traces = new Traces(Messages.identifier(traceId), Messages.identifier(parentSpan));
        Messages messages = new Messages(name, token, compress);
        Outlet outlet = backends.isEmpty() ? new Sender(settings, counters, messages)
                : new DirectSender(new DirectSettings(name, backends, delivery, place, stagingBytes, backoffMin, backoffMax, Clock.systemUTC()), counters);
        return new MonitoringSdk(name, outlet, messages, traces, context, counters, closeTimeout, shutdownTimeout,
                resourceInterval).start();
    }

    private static String programName() {
        String command = System.getProperty("sun.java.command", "").split(" ", 2)[0];
        String file = command.substring(command.lastIndexOf('/') + 1);
        String name = Messages.identifier(file.endsWith(".jar") ? file.substring(0, file.length() - 4) : file.substring(file.lastIndexOf('.') + 1));
        return name.isEmpty() ? "java" : name;
    }

    private static Path privateFolder() {
        Object user;
        try {
            user = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException notLinux) {
            user = System.getProperty("user.name", "unknown").replaceAll("[^A-Za-z0-9._-]", "_");
        }
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "monitoring-spool-" + user);
    }
}
