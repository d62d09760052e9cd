package io.monitoringhub.runtime.surface;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A page that is only read, made anew for each request and never kept by anybody on the way. Thread-safe if the subclass is. */
abstract class Page extends HttpServlet {

    private static final long serialVersionUID = 1L;

    /** The page at this moment. */
    abstract Content content(HttpServletRequest request) throws IOException;

    /**
     * A page as it is sent.
     *
     * @param status the answer's code
     * @param type its media type
     * @param body its bytes
     */
    record Content(int status, String type, ByteArrayOutputStream body) {
    }

    @Override
    protected final void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", "no-store");
        if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
            response.setHeader("Allow", "GET, HEAD");
            response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        Content content = content(request);
        response.setStatus(content.status());
        response.setContentType(content.type());
        response.setContentLength(content.body().size());
        if (request.getMethod().equals("GET")) {
            content.body().writeTo(response.getOutputStream());
        }
    }
}
