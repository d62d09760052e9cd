package io.monitoringhub.runtime.engine;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.FailedStart;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.runtime.plugins.PluginRules;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.Transport;
import java.io.IOException;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine as a component: it comes and goes with hub-runtime, its plugins come and go as they like.
 *
 * <p>A hub that can't start ends the framework.
 */
@Component(service = HubComponent.class, immediate = true)
public final class HubComponent {

    private static final Logger LOG = LoggerFactory.getLogger(HubComponent.class);

    private final HubEngine engine;

    @Activate
    public HubComponent(BundleContext context, @Reference ConfigurationAdmin admin, @Reference Configurations configurations,
            @Reference PluginCatalog plugins, @Reference PluginRules rules, @Reference EngineGate gate) throws ConfigurationException, IOException {
        try {
            engine = new HubEngine(context, admin, configurations, rules);
            engine.start();
            plugins.prefer(engine.neededPlugins()).thenRun(engine::neededPluginsAreThere);
            plugins.firstLook().thenRun(engine::allPluginsAreThere);
        } catch (ConfigurationException bad) {
            giveUp(context, ExitCode.CONFIG, bad.getMessage());
            throw bad;
        } catch (IOException failure) {
            giveUp(context, ExitCode.CANNOT_CREATE, "the log cannot be opened: " + failure.getMessage());
            throw failure;
        }
    }

    /** Once: every component that wants this one lets it be tried again. */
    private static void giveUp(BundleContext context, int exitCode, String reason) {
        if (!FailedStart.note(exitCode)) {
            return;
        }
        LOG.error("the hub cannot start: {}", reason);
        try {
            context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
        } catch (BundleException failure) {
            LOG.error("cannot stop the framework", failure);
        }
    }

    @Deactivate
    void stop() {
        engine.close();
    }

    /** What commands and pages ask. */
    public HubEngine engine() {
        return engine;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void addBackend(Backend backend, Map<String, Object> properties) {
        engine.add(properties, backend);
    }

    void removeBackend(Backend backend) {
        engine.remove(backend);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void addTransport(Transport transport, Map<String, Object> properties) {
        engine.add(properties, transport);
    }

    void removeTransport(Transport transport) {
        engine.remove(transport);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void addCodec(Codec codec, Map<String, Object> properties) {
        engine.codecs().add(properties, codec);
    }

    void removeCodec(Codec codec) {
        engine.codecs().remove(codec);
    }
}
