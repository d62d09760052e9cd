package io.monitoringhub.plugin.http;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import io.monitoringhub.testkit.ForwardingIngest;
import java.time.Duration;
import java.util.Map;

/** A hub's side that refuses some tokens, also for reasons to which a hub of one's own can't be brought at will. */
final class RefusingIngest extends ForwardingIngest {

    private final Map<String, SubmissionRefusedException.Reason> refused;

    RefusingIngest(Ingest hub, Map<String, SubmissionRefusedException.Reason> refused) {
        super(hub);
        this.refused = refused;
    }

    @Override
    public Submission submit(SubmissionRequest request) throws SubmissionRefusedException {
        SubmissionRefusedException.Reason reason = request.token().map(refused::get).orElse(null);
        if (reason == null) {
            return super.submit(request);
        }
        throw new SubmissionRefusedException(reason, switch (reason) {
            case UNAUTHORIZED -> "the hub does not know this token";
            case FORBIDDEN -> "the token may not send here";
            case SUPERSEDED -> "a newer request under the same key has taken over";
            case OVERLOADED -> "the token has used up its rate";
        }, reason == SubmissionRefusedException.Reason.OVERLOADED ? Duration.ofMillis(2500) : Duration.ZERO);
    }
}
