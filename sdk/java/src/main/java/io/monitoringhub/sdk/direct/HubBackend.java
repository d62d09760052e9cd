package io.monitoringhub.sdk.direct;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A hub on this machine or elsewhere, by its HTTP transport (docs/http-api.md). The {@code Idempotency-Key} names the messages of a request, so that the
 * hub stores one that is sent again once. Used by one thread at a time, but for {@link #check}.
 */
public final class HubBackend implements Backend {

    private static final Pattern COUNT = Pattern.compile("\"refused\"\\s*:\\s*([0-9]{1,9})");
    private static final Pattern REASON = Pattern.compile("\"reason\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.){0,300})");

    private final String name;
    private final HttpEndpoint http;

    /** Without a token, and with the authorities that the JVM trusts. */
    public HubBackend(URI url) {
        this("hub", url, "", Optional.empty(), Duration.ofSeconds(10));
    }

    /**
     * @param name how it is called in results
     * @param url of the HTTP transport, as in http://127.0.0.1:17001
     * @param token sent as Bearer token; {@code ""}: none
     * @param ca PEM file of who may have signed the hub's certificate; empty: whom the JVM trusts
     * @param timeout for the connection, and for the answer
     */
    public HubBackend(String name, URI url, String token, Optional<Path> ca, Duration timeout) {
        this.name = name;
        this.http = new HttpEndpoint(url, token.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + token), ca, timeout);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException {
        HttpEndpoint.Answer answer = http.post("/v1/ingest/batch", batch.body(), true,
                Map.of("Content-Type", "application/x-ndjson", "Idempotency-Key", batch.key()));
        Matcher count = COUNT.matcher(answer.body());
        int refused = count.find() ? Integer.parseInt(count.group(1)) : -1;
        if ((answer.status() == 202 || answer.status() == 400 && refused == batch.size()) && refused >= 0 && refused <= batch.size()) {
            Matcher reason = REASON.matcher(answer.body());
            return refused == 0 ? WriteResult.ALL_WRITTEN : WriteResult.rejected(refused, reason.find() ? reason.group(1) : "refused by the hub");
        }
        throw http.failure(answer);
    }

    @Override
    public String check() throws DeliveryException {
        HttpEndpoint.Answer answer = http.get("/v1/openapi.json");
        if (answer.status() != 200) {
            throw http.failure(answer);
        }
        return "a hub answers at " + http.url();
    }

    /** Nothing: the JDK closes connections that nobody has used for some seconds. */
    @Override
    public void close() {
    }
}
