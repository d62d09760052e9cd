package io.monitoringhub.runtime.plugins;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and stops plugins' bundles on threads of their own, for what happens then is the plugin's code: activators, and the components
 * that SCR makes and unmakes meanwhile. Who does not come back within the limit is interrupted; who does not mind that is abandoned: the
 * thread keeps the bundle, and uninstalls it if it ever comes back.
 *
 * <p>Thread-safe.
 */
final class BundleLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(BundleLifecycle.class);
    /** After the interrupt. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Set<Bundle> abandoned = ConcurrentHashMap.newKeySet();

    /**
     * Returns when the bundle has started.
     *
     * @throws TimeoutException when that took too long; the bundle is not to be used any more, it is uninstalled or ends by itself
     */
    void start(Bundle bundle, Duration limit) throws BundleException, TimeoutException, InterruptedException {
        Call call = new Call(bundle, true, bundle::start);
        if (!call.endsWithin(limit)) {
            throw new TimeoutException("after " + limit.toMillis() + " ms");
        }
        call.rethrow();
    }

    /** Stops and, if wanted, uninstalls; returns when that is done, or at the latest some time after the limit. */
    void stop(Bundle bundle, Duration limit, boolean uninstalls) throws InterruptedException {
        Call call = new Call(bundle, false, () -> {
            bundle.stop(Bundle.STOP_TRANSIENT);
            if (uninstalls) {
                bundle.uninstall();
            }
        });
        try {
            if (!call.endsWithin(limit)) {
                LOG.error("{} {} does not stop within {} ms: it is left to itself", bundle.getSymbolicName(), bundle.getVersion(), limit.toMillis());
            }
            call.rethrow();
        } catch (BundleException | IllegalStateException e) {
            LOG.warn("{} {} did not stop cleanly", bundle.getSymbolicName(), bundle.getVersion(), e);
        }
    }

    /** Whether a thread of ours is in this bundle and does not come back. */
    boolean isAbandoned(Bundle bundle) {
        return abandoned.contains(bundle);
    }

    /** Names of all such bundles; empty where there is none. */
    Optional<String> hanging() {
        return abandoned.stream().map(bundle -> bundle.getSymbolicName() + " " + bundle.getVersion()).sorted()
                .reduce((one, other) -> one + ", " + other);
    }

    /** What a bundle is asked to do. */
    private interface Action {
        void run() throws BundleException;
    }

    /** One start or stop. Its fields are guarded by itself. */
    private final class Call {

        private final Bundle bundle;
        private final CountDownLatch ended = new CountDownLatch(1);
        private final Thread thread;
        private final boolean isStart;
        private boolean isLate;
        private BundleException failure;
        private RuntimeException fault;

        Call(Bundle bundle, boolean isStart, Action action) {
            this.bundle = bundle;
            this.isStart = isStart;
            this.thread = new Thread(() -> run(action), (isStart ? "hub-plugin-start-" : "hub-plugin-stop-") + bundle.getSymbolicName());
            // One that hangs shall not keep the process.
            thread.setDaemon(true);
        }

        /** False if it took too long: then nobody but its own thread may touch the bundle. */
        boolean endsWithin(Duration limit) throws InterruptedException {
            thread.start();
            if (ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
            thread.interrupt();
            ended.await(GRACE.toMillis(), TimeUnit.MILLISECONDS);
            synchronized (this) {
                isLate = ended.getCount() > 0;
                if (isLate) {
                    abandoned.add(bundle);
                }
            }
            if (!isLate && isStart) {
                uninstall();
            }
            return false;
        }

        synchronized void rethrow() throws BundleException {
            if (failure != null) {
                throw failure;
            }
            if (fault != null) {
                throw fault;
            }
        }

        private void run(Action action) {
            try {
                action.run();
            } catch (BundleException e) {
                synchronized (this) {
                    failure = e;
                }
            } catch (RuntimeException e) { // as a bundle that was uninstalled meanwhile
                synchronized (this) {
                    fault = e;
                }
            } finally {
                end();
            }
        }

        private void end() {
            boolean late;
            synchronized (this) {
                ended.countDown();
                late = isLate;
            }
            if (late) {
                // The interrupt was for the plugin.
                Thread.interrupted();
                uninstall();
                abandoned.remove(bundle);
                LOG.info("{} {} has given its thread back and is gone", bundle.getSymbolicName(), bundle.getVersion());
            }
        }

        private void uninstall() {
            try {
                bundle.uninstall();
            } catch (BundleException | IllegalStateException e) {
                LOG.warn("{} {} was not uninstalled cleanly", bundle.getSymbolicName(), bundle.getVersion(), e);
            }
        }
    }
}
