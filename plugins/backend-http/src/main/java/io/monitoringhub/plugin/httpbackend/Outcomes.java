package io.monitoringhub.plugin.httpbackend;

import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What answers and failures mean. Immutable. */
final class Outcomes {

    private final URI url;
    private final String address;
    private final boolean isHub;
    private final Clock clock;

    Outcomes(URI url, boolean isHub, Clock clock) {
        this.url = url;
        this.address = url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
        this.isHub = isHub;
        this.clock = clock;
    }

    /**
     * What became of the entries.
     *
     * @return those that the receiver will never take; all others are stored
     */
    List<Rejection> of(HttpAnswer answer, Passage passage) throws DeliveryException {
        Optional<HubAnswer> hub = isHub ? HubAnswer.of(answer) : Optional.empty();
        if (hub.isPresent() && hub.get().hasCounts() && (answer.status() == 202 || answer.status() == 400)) {
            return rejected(hub.get(), passage);
        }
        if (answer.isSuccess() && !isHub) {
            return List.of();
        }
        throw failure(answer, hub);
    }

    private List<Rejection> rejected(HubAnswer answer, Passage passage) throws DeliveryException {
        List<Rejection> rejections = new ArrayList<>();
        for (HubAnswer.ItemError error : answer.errors()) {
            if (error.index() >= 0 && error.index() < passage.size()) {
                rejections.add(new Rejection(passage.batch().offset(passage.from() + error.index()), error.code(), error.reason()));
            }
        }
        if (answer.stored() + answer.refused() != passage.size() || rejections.size() != answer.refused()) {
            throw new PermanentDeliveryException("cannot tell what " + address + " did with " + passage.size() + " entries: it says that it stored "
                    + answer.stored() + " and refused " + answer.refused() + ", and names " + rejections.size()
                    + "; something on the way changes requests or answers, or it is an older hub");
        }
        return rejections;
    }

    private DeliveryException failure(HttpAnswer answer, Optional<HubAnswer> hub) {
        int status = answer.status();
        String said = "cannot deliver to " + address + ": it answers " + status + ", " + hub.filter(each -> !each.code().isEmpty())
                .map(each -> each.code() + ": " + each.message()).orElseGet(answer::words);
        if (status == 408 || status == 425 || status == 429 || status >= 500 || isHub && status == 409) {
            return new TransientDeliveryException(said, null, answer.retryAfter(clock));
        }
        boolean isBadHead = hub.filter(each -> each.code().equals("bad_request")).isPresent();
        if ((status == 400 || status == 422) && !isBadHead) {
            return new BatchRefusedException(said, null);
        }
        return new PermanentDeliveryException(said + advice(answer));
    }

    private String advice(HttpAnswer answer) {
        int status = answer.status();
        if (status >= 300 && status < 400) {
            return ". Redirects are not followed: set url to " + (answer.header("location").isEmpty() ? "where the service is"
                    : "'" + answer.header("location").replaceAll("[^ -~]", "?") + "' if that is right");
        }
        return switch (status) {
            case 401 -> ". It does not know who this is: set token, or user and password";
            case 403 -> ". It does not let this one in: use a token or user that may write there";
            case 404, 410 -> ". There is nothing at this address: correct url";
            case 405 -> ". It does not take this method: correct url or method";
            case 415 -> ". It does not take this kind of body: correct format, content_type or gzip";
            default -> answer.isSuccess() ? ". That is not what a hub answers: correct url, or set 'receiver: service'"
                    : ". Correct url, headers or format, or look at the service";
        };
    }

    /** A single entry that is too large for the receiver. */
    Rejection tooLarge(HttpAnswer answer, Passage passage) {
        return new Rejection(passage.firstOffset(), "too_large", address + " answers 413: " + answer.words());
    }

    DeliveryException of(IOException failure) {
        String why = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        if (failure instanceof UnknownHostException) {
            return new TransientDeliveryException("cannot reach " + address + ": the host '" + url.getHost() + "' is not known", failure);
        }
        if (failure instanceof ConnectException) {
            return new TransientDeliveryException("cannot reach " + address + ": " + why, failure);
        }
        if (failure instanceof ProtocolException) {
            return new PermanentDeliveryException("cannot talk to " + address + ": " + why + ". Correct url; for TLS it begins with https", failure);
        }
        if (failure instanceof SSLException && isLasting(failure)) {
            return new PermanentDeliveryException("cannot talk to " + address + " by TLS: " + why + ". See whether tls.ca holds whom the server's"
                    + " certificate comes from, its name is the url's, tls.certificate and tls.key are what the server wants, and it speaks TLS",
                    failure);
        }
        return new TransientDeliveryException("cannot deliver to " + address + ": " + why, failure);
    }

    /** A certificate, or what the other side said of ours, does not change by itself; an end of the connection does. */
    private static boolean isLasting(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException) {
                return true;
            }
        }
        String words = String.valueOf(failure.getMessage());
        return words.contains("fatal alert") || words.contains("Unsupported or unrecognized SSL message");
    }
}
