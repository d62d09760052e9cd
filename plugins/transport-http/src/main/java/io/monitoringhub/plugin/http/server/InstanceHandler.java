package io.monitoringhub.plugin.http.server;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Marks each request with the instance that its connection belongs to. Thread-safe. */
final class InstanceHandler extends Handler.Wrapper {

    InstanceHandler(Handler next) {
        super(next);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        WebConnector instance = WebConnector.of(request);
        request.setAttribute(instance.attribute(), instance.value());
        return super.handle(request, response, callback);
    }
}
