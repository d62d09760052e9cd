package io.monitoringhub.runtime.engine;

import io.monitoringhub.runtime.config.HubFolders;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The service that the engine waits for. It is not there in a framework that only looks: {@code hub check} and {@code hub schema} open
 * neither log nor transport nor backend.
 *
 * <p>Immutable.
 */
public final class EngineGate {

    /** Opens the gate. */
    @Component(service = {}, immediate = true)
    public static final class Keeper {

        /** The framework takes the service back when the bundle stops. */
        @Activate
        public Keeper(BundleContext context) {
            if (!HubFolders.isCheck(context)) {
                context.registerService(EngineGate.class, new EngineGate(), null);
            }
        }
    }
}
