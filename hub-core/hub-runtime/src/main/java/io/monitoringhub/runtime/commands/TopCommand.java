package io.monitoringhub.runtime.commands;

import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:top}: one sample. {@code bin/hub top} asks again and again, so that nothing goes on here when it has left. Thread-safe.
 */
@Component(service = TopCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=top"})
public final class TopCommand {

    private final CommandRunner runner;
    private final HubEngine engine;
    private final CountDownLatch stopping = new CountDownLatch(1);

    @Activate
    public TopCommand(@Reference CommandRunner runner, @Reference HubComponent hub) {
        this.runner = runner;
        this.engine = hub.engine();
    }

    @Deactivate
    public void stop() {
        stopping.countDown();
    }

    /** Looks twice and says what happened in between. */
    public CommandStatus top(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "top", words, arguments -> {
            String interval = arguments.value("--interval").orElse("1");
            if (!interval.matches("[1-9]|[1-5]\\d|60")) {
                throw arguments.wrong("--interval takes 1 to 60 seconds, not '" + interval + "'");
            }
            TopSample before = TopSample.of(engine);
            if (stopping.await(Integer.parseInt(interval), TimeUnit.SECONDS)) {
                throw new CommandFailure("the hub is being stopped");
            }
            return TopSample.of(engine).since(before);
        });
    }
}
