package io.monitoringhub.plugin.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Transport;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.RecordingIngest;
import io.monitoringhub.testkit.RecordingSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the bundle as it is delivered must be. */
@Timeout(120)
class BundleIT {

    private static final Path JAR = Path.of("target", "transport-tcp-" + System.getProperty("project.version", "0.1.0") + ".jar");
    private static final Set<String> MAY_IMPORT = Set.of("io.monitoringhub.spi", "io.monitoringhub.spi.transport", "org.slf4j",
            "org.slf4j.event", "org.slf4j.helpers", "org.slf4j.spi");
    /** They are not the bundle's, and must hold nothing of it: the hub's thread that accepts, and the log's. */
    private static final Set<String> THREADS_OF_THE_HUB = Set.of("hub-accept", "log");
    /** The JDK's own: what TLS needs of it, and what Netty does without. */
    private static final Set<String> OPTIONAL = Set.of("sun.misc", "javax.crypto", "javax.crypto.spec", "javax.naming.ldap", "javax.net.ssl",
            "javax.security.auth.x500", "javax.security.cert", "org.slf4j.event");

    @Test
    void the_manifest_exports_nothing_and_imports_what_is_allowed() throws Exception {
        Manifest manifest;
        try (JarFile jar = new JarFile(JAR.toFile())) {
            manifest = jar.getManifest();
        }
        assertThat(manifest.getMainAttributes().getValue("Export-Package")).isNull();
        assertThat(manifest.getMainAttributes().getValue("DynamicImport-Package")).isNull();
        String imports = manifest.getMainAttributes().getValue("Import-Package");
        List<String> clauses = Arrays.stream(imports.split(",(?=[a-z])")).toList();
        assertThat(clauses).isNotEmpty().allSatisfy(clause -> {
            String name = clause.replaceFirst(";.*", "");
            assertThat(MAY_IMPORT.contains(name) || OPTIONAL.contains(name) && clause.contains("resolution:=optional")).as(clause).isTrue();
        });
    }

    @Test
    void nothing_is_left_of_a_bundle_that_was_replaced() throws Exception {
        ExecutorService log = Executors.newSingleThreadExecutor(task -> new Thread(task, "log"));
        try {
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            log.submit(() -> { }).get();
            WeakReference<ClassLoader> gone = useAndLetGo(log);
            List<String> left = Thread.getAllStackTraces().keySet().stream().filter(thread -> !before.contains(thread) && thread.isAlive())
                    .map(Thread::getName).filter(name -> !THREADS_OF_THE_HUB.contains(name)).collect(Collectors.toList());
            assertThat(left).as("threads right after stop").isEmpty();
            Await.until("the class loader is collected", Duration.ofSeconds(60), () -> {
                System.gc();
                return gone.get() == null;
            }, () -> "threads: " + Thread.getAllStackTraces().keySet());
        } finally {
            log.shutdownNow();
            log.awaitTermination(10, TimeUnit.SECONDS);
        }
    }

    /** All on threads that live on, as those of the framework and of the log do. */
    private static WeakReference<ClassLoader> useAndLetGo(ExecutorService log) throws Exception {
        RecordingIngest ingest = RecordingIngest.silent("tcp", Path.of("target")).reacting((session, bytes) -> {
            log.execute(() -> session.send("acknowledged\n"));
            session.send("received\n");
            log.execute(session::resume);
            return false;
        });
        // The thread that accepts begins here, as the hub's does: a thread keeps the code that was on the stack when it was made.
        ingest.listen(new ListenAddress.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)), new NobodyComes()).close();
        try (BundleLoader loader = new BundleLoader(JAR.toUri().toURL(), BundleIT.class.getClassLoader())) {
            Transport transport = transport(loader);
            transport.start(ingest);
            int port = Integer.parseInt(transport.address().substring(transport.address().lastIndexOf(':') + 1));
            try (SocketChannel client = SocketChannel.open(new InetSocketAddress("127.0.0.1", port))) {
                for (int round = 1; round <= 50; round++) {
                    client.write(ByteBuffer.wrap(new byte[10_000]));
                    RecordingSession session = ingest.session(0);
                    long expected = round * 10_000L;
                    Await.until("round " + round, () -> session.size() == expected);
                }
                log.submit(() -> ingest.sessions().get(0).replies().close("enough")).get();
            }
            transport.stop(Duration.ofSeconds(3));
            return new WeakReference<>(loader);
        }
    }

    private static Transport transport(ClassLoader loader) throws Exception {
        Class<?> configType = loader.loadClass("io.monitoringhub.plugin.tcp.TcpConfig");
        Object config = Proxy.newProxyInstance(loader, new Class<?>[] {configType},
                (proxy, method, arguments) -> method.getName().equals("port") ? 0 : method.getDefaultValue());
        Constructor<?> constructor = loader.loadClass("io.monitoringhub.plugin.tcp.TcpTransport").getConstructors()[0];
        return (Transport) constructor.newInstance(config);
    }

    /** For a socket that nobody is told of. */
    private static final class NobodyComes implements ConnectionReceiver {

        @Override
        public void connected(SocketChannel channel) {
            throw new IllegalStateException("somebody came");
        }

        @Override
        public void acceptFailed(IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    /** Sees what a framework shows to the bundle: the JDK, what it imports, and itself. */
    private static final class BundleLoader extends URLClassLoader {

        private final ClassLoader hub;

        BundleLoader(URL jar, ClassLoader hub) {
            super(new URL[] {jar}, ClassLoader.getPlatformClassLoader());
            this.hub = hub;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            return name.startsWith("io.monitoringhub.spi.") || name.startsWith("org.slf4j.") ? hub.loadClass(name) : super.findClass(name);
        }
    }
}
