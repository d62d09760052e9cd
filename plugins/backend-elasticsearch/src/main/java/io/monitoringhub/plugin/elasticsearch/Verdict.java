package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.plugin.elasticsearch.BulkAnswer.Failure;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.time.Duration;

/**
 * What a failure means for the entry, or for all of them.
 *
 * <p>Immutable.
 *
 * @param kind what is to be done
 * @param words for a person: what is the case, in the server's words, and what would help
 */
record Verdict(Kind kind, String words) {

    /** From the mildest to the gravest. */
    enum Kind {
        /** It is there already. */
        WRITTEN,
        /** This entry will never be taken. */
        REJECTED,
        /** The same again, later. */
        LATER,
        /** A person must act. */
        STOP
    }

    /** What an item's failure means. */
    static Verdict ofItem(Failure failure) {
        return switch (failure.status()) {
            case 409 -> new Verdict(Kind.WRITTEN, "");
            case 400 -> of400(failure);
            case 401 -> stop("unauthorised", failure, "see user, password, api_key and token");
            case 403 -> of403(failure);
            case 404 -> stop("no such index", failure, "let the cluster create it (action.auto_create_index), or create it");
            case 408, 429 -> later(failure);
            default -> failure.status() >= 500 ? later(failure) : new Verdict(Kind.REJECTED, failure.toString());
        };
    }

    private static Verdict of400(Failure failure) {
        return switch (failure.type()) {
            // The limit of shards in the cluster is told in this form; no entry is to blame.
            case "validation_exception" -> new Verdict(Kind.LATER, "full: " + failure + "; delete old indices, or raise the limit");
            case "index_closed_exception", "invalid_index_name_exception" -> stop("unusable index", failure, "open it, or see index");
            default -> new Verdict(Kind.REJECTED, failure.toString());
        };
    }

    private static Verdict of403(Failure failure) {
        return isFull(failure) ? later(failure) : failure.type().equals("cluster_block_exception")
                ? stop("blocked", failure, "lift the block of the index, or see index")
                : stop("unauthorised", failure, "grant create_index, create_doc and auto_configure for the index");
    }

    private static Verdict stop(String what, Failure failure, String advice) {
        return new Verdict(Kind.STOP, what + ": " + failure + "; " + advice);
    }

    private static Verdict later(Failure failure) {
        if (isFull(failure)) {
            return new Verdict(Kind.LATER, "full: " + failure + "; free disk space");
        }
        return new Verdict(Kind.LATER, (failure.status() == 429 ? "overloaded: " : "unavailable: ") + failure);
    }

    /** Both servers put blocks on indices, or on the making of indices, when their disks are full. */
    private static boolean isFull(Failure failure) {
        String reason = failure.reason();
        return reason.contains("flood-stage") || reason.contains("read-only-allow-delete") || reason.contains("read-only / allow delete")
                || reason.contains("create-index blocked") || reason.contains("No space left");
    }

    /** What the status of a request as a whole means; called for those that are not of the 200s. */
    static DeliveryException ofRequest(String attempt, Failure failure, Duration retryAfter) {
        String told = "cannot " + attempt + ": ";
        if (isFull(failure)) {
            return new TransientDeliveryException(told + later(failure).words, null, retryAfter);
        }
        return switch (failure.status()) {
            case 401 -> new PermanentDeliveryException(told + "unauthorised: " + failure + "; see user, password, api_key and token");
            case 403 -> new PermanentDeliveryException(told + "unauthorised: " + failure + "; grant what the README lists");
            case 400, 413 -> new BatchRefusedException(told + failure, null);
            case 408, 425, 429 -> new TransientDeliveryException(told + later(failure).words, null, retryAfter);
            default -> failure.status() >= 500 ? new TransientDeliveryException(told + later(failure).words, null, retryAfter)
                    : new PermanentDeliveryException(told + failure + "; expected an Elasticsearch or OpenSearch there, see hosts");
        };
    }
}
