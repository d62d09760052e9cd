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

    /** One that leaves open whether the request is stored: its Idempotency-Key makes it safe to send it again. */
    public static Problem perhapsStored(String code, String message, long retryAfter) {
        return new Problem(503, code, message, "send the request again, under the same Idempotency-Key so that nothing is stored twice", retryAfter);
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
