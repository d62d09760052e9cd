package io.monitoringhub.plugin.http;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import org.osgi.service.component.annotations.Component;

/** Says what requests there are, as OpenAPI. Thread-safe. */
@Component(service = Servlet.class, property = {
    "osgi.http.whiteboard.servlet.name=hub-openapi",
    "osgi.http.whiteboard.servlet.pattern=" + DescriptionServlet.ADDRESS})
public final class DescriptionServlet extends HttpServlet {

    static final String ADDRESS = "/v1/openapi.json";

    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
            response.setHeader("Allow", "GET, HEAD");
            IngestServlet.write(response, Answer.of(Problems.notReadable(request.getMethod())));
            return;
        }
        response.setContentType("application/json");
        try (InputStream description = DescriptionServlet.class.getResourceAsStream("openapi.json")) {
            description.transferTo(response.getOutputStream());
        }
    }
}
