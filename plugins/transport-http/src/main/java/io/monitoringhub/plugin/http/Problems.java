package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.body.BodyException;
import io.monitoringhub.plugin.http.server.Problem;
import io.monitoringhub.spi.transport.SubmissionRefusedException;

/** Every error that an ingest request can be answered by. */
final class Problems {

    private Problems() {
    }

    static Problem notPost(String method) {
        return new Problem(405, "method_not_allowed", "messages are sent by POST, not " + method, "use POST");
    }

    static Problem notReadable(String method) {
        return new Problem(405, "method_not_allowed", "this is only read, not " + method, "use GET");
    }

    static Problem badQuery() {
        return new Problem(400, "bad_request", "what follows '?' in the address can't be read", "percent-encode it, as UTF-8");
    }

    static Problem badAuthorization() {
        return new Problem(401, "unauthorized", "the Authorization header is not of the form 'Bearer <token>'",
                "send Authorization: Bearer and the token that you were given");
    }

    static Problem lengthRequired() {
        return new Problem(411, "length_required", "the request has neither Content-Length nor Transfer-Encoding: chunked, so no body",
                "send messages in the body, with one of the two headers");
    }

    static Problem emptyBody() {
        return new Problem(400, "empty_body", "there is no message in the body", "send one message, one a line, or a JSON array of them");
    }

    static Problem badKey() {
        return new Problem(400, "invalid_idempotency_key", "Idempotency-Key must be 1 to 255 printable characters of ASCII",
                "use a UUID for each request, the same one when it is sent again");
    }

    static Problem badSender(String what) {
        return new Problem(400, "bad_request", what, "see docs/http-api.md, Sending again; nothing of the request is stored");
    }

    static Problem tooLarge(long limit) {
        return new Problem(413, "body_too_large", "the body has more than " + limit + " bytes",
                "send several requests, compress the body, or raise max_body_bytes");
    }

    static Problem mediaType(String type) {
        return new Problem(415, "unsupported_media_type", "the Content-Type '" + type + "' is not understood",
                "send application/json, application/x-ndjson or application/vnd.monitoringhub.job+json; curl: -H 'Content-Type: application/json'");
    }

    static Problem noCodec(String name) {
        return new Problem(415, "unknown_format", "no codec named '" + name + "' is installed", "put codec-" + name
                + ".jar into the hub's plugins folder, or send messages of the hub's own protocol");
    }

    static Problem tooSlow(int minRate) {
        return new Problem(408, "body_too_slow", "the body came with less than " + minRate + " bytes a second",
                "send it faster, or in smaller requests; min_body_rate is the limit");
    }

    static Problem timedOut() {
        return new Problem(408, "request_timeout", "the request was not complete in time", "send it faster, or in smaller requests");
    }

    static Problem brokenOff() {
        return new Problem(400, "malformed_body", "the body ended before its time, or its chunks are not as HTTP wants them",
                "send all of it again; nothing of it is stored");
    }

    static Problem notStoredInTime() {
        return Problem.perhapsStored("not_stored_yet", "the messages are not on disk yet, and may get there still", 5);
    }

    static Problem notStored(String reason) {
        return new Problem(503, "not_stored", "the log can't store messages: " + reason, "look at the hub's disk; send the request again later,"
                + " under the same Idempotency-Key so that nothing is stored twice", 5);
    }

    static Problem noRoom() {
        return new Problem(429, "overloaded", "the log does not keep up; nothing of this request is stored",
                "send the request again after the time that Retry-After says", 1);
    }

    static Problem noRoomAmidst() {
        return Problem.perhapsStored("overloaded", "the log does not keep up; a part of this request may be stored", 2);
    }

    static Problem noMemory() {
        return new Problem(429, "too_many_bodies", "other requests take all the memory that there is for bodies",
                "send the request again after the time that Retry-After says, or fewer at the same time", 1);
    }

    static Problem swapping() {
        return new Problem(503, "unavailable", "this part of the hub is being replaced", "send the request again after a moment", 1);
    }

    static Problem fault() {
        return new Problem(500, "internal_error", "a fault of the hub", "the hub's log says more; please report it");
    }

    static Problem of(BodyException bad) {
        return switch (bad.kind()) {
            case BROKEN -> new Problem(400, "malformed_body", bad.getMessage(), "correct the body and send all of it; nothing of it is stored");
            case TOO_DEEP -> new Problem(400, "too_deep", bad.getMessage(), "flatten it; nothing of it is stored");
            case TOO_LARGE -> new Problem(413, "inflated_too_large", bad.getMessage(), "send several requests, or raise max_inflated_bytes;"
                    + " nothing of it is stored");
            case UNKNOWN_ENCODING -> new Problem(415, "unsupported_encoding", bad.getMessage(), "use gzip, zstd, deflate or identity");
        };
    }

    static Problem of(SubmissionRefusedException refused) {
        long retry = Math.max(1, (refused.retryAfter().toMillis() + 999) / 1000);
        return switch (refused.reason()) {
            case UNAUTHORIZED -> new Problem(401, "unauthorized", refused.getMessage(), "send Authorization: Bearer and the token that you were"
                    + " given");
            case FORBIDDEN -> new Problem(403, "forbidden", refused.getMessage(), "use a token that may do this, or ask the hub's operator");
            case SUPERSEDED -> new Problem(409, "superseded", refused.getMessage(), "wait for the answer to the other request with this"
                    + " Idempotency-Key, or use a key of its own for each request");
            case OVERLOADED -> new Problem(429, "overloaded", refused.getMessage(), "send the request again after the time that Retry-After"
                    + " says", retry);
        };
    }
}
