package io.monitoringhub.plugin.http.server;

import java.util.Objects;

/**
 * Why a request is answered by an error. Immutable.
 *
 * @param status of HTTP
 * @param code for programs
 * @param message what is wrong
 * @param hint what to do
 * @param retryAfter seconds; 0 says nothing of it
 */
public record Problem(int status, String code, String message, String hint, long retryAfter) {

    public Problem {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(hint, "hint");
    }

    /** One that does not pass by itself. */
    public Problem(int status, String code, String message, String hint) {
        this(status, code, message, hint, 0);
    }

    /** {@code {"error":{"code":..,"message":..,"hint":..}}}. */
    public String json() {
        return "{" + error() + "}\n";
    }

    /** {@code "error":{..}}, a member of an object. */
    public String error() {
        return "\"error\":{\"code\":" + JsonText.quoted(code) + ",\"message\":" + JsonText.quoted(message) + ",\"hint\":"
                + JsonText.quoted(hint) + "}";
    }
}
