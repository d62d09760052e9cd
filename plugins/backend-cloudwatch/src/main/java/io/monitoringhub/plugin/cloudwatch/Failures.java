package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryUtils;

/**
 * What each failure of a call to AWS means. The one table; the README shows it.
 *
 * <p>Immutable.
 */
final class Failures {

    private static final Set<String> THROTTLED = Set.of("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded",
            "RequestThrottled", "RequestThrottledException", "ThrottledException", "BandwidthLimitExceeded", "SlowDown");
    private static final Set<String> EXPIRED = Set.of("ExpiredToken", "ExpiredTokenException", "RequestExpired");
    private static final Set<String> UNAUTHORISED = Set.of("UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException",
            "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException", "MissingAuthenticationToken",
            "MissingAuthenticationTokenException", "InvalidAccessKeyId", "AuthFailure", "OptInRequired", "AccessDenied", "AccessDeniedException",
            "UnauthorizedOperation", "NotAuthorized");
    private static final Set<String> PASSING = Set.of("ServiceUnavailable", "ServiceUnavailableException", "InternalFailure", "InternalServerError",
            "InternalServiceFault", "InternalServiceError", "OperationAbortedException", "RequestTimeout", "RequestTimeoutException");
    private static final Set<Integer> PASSING_STATUS = Set.of(408, 409, 425, 429);
    private static final int SERVER_ERRORS = 500;
    private static final Duration MOST_TO_WAIT = Duration.ofMinutes(15);

    private final boolean hasOwnKeys;

    /** @param hasOwnKeys whether the configuration has credentials, which nothing renews */
    Failures(boolean hasOwnKeys) {
        this.hasOwnKeys = hasOwnKeys;
    }

    /** @param attempted such as {@code cannot put 3 events into log stream 'a' of log group 'b'} */
    DeliveryException of(String attempted, SdkException failure) {
        return failure instanceof AwsServiceException answer ? answered(attempted, answer) : unanswered(attempted, failure);
    }

    private DeliveryException answered(String attempted, AwsServiceException answer) {
        String code = Optional.ofNullable(answer.awsErrorDetails()).map(details -> details.errorCode()).orElse("");
        String told = attempted + ": " + words(answer, code);
        if (THROTTLED.contains(code) || answer.statusCode() == 429) {
            return new TransientDeliveryException("throttled: " + told + "; raise the quota in Service Quotas, or send less, if this goes on", answer,
                    retryAfter(answer));
        }
        if (RetryUtils.isClockSkewException(answer) && !EXPIRED.contains(code) && !isRefusedSignature(code)) {
            return new TransientDeliveryException("the clock of this machine is wrong: " + told + "; the SDK now corrects for it, set the clock", answer);
        }
        if (EXPIRED.contains(code)) {
            return hasOwnKeys ? new PermanentDeliveryException("unauthorised: " + told + "; the session token has expired, configure a new one"
                    + " (access_key, secret_key, session_token)", answer)
                    : new TransientDeliveryException("unauthorised: " + told + "; the credentials have expired, waiting for the default chain to renew them",
                            answer);
        }
        if (UNAUTHORISED.contains(code) || answer.statusCode() == 401 || answer.statusCode() == 403) {
            return new PermanentDeliveryException("unauthorised: " + told + "; check access_key and secret_key, and that their user or role has the"
                    + " permissions that the README lists", answer);
        }
        if (code.equals("ResourceNotFoundException")) {
            return new PermanentDeliveryException("not found: " + told + "; create the log group and the log stream, or set create: true", answer);
        }
        if (code.equals("LimitExceededException")) {
            return new PermanentDeliveryException("full: " + told + "; a quota of the account is used up: raise it, or delete what is not needed", answer);
        }
        if (PASSING.contains(code) || PASSING_STATUS.contains(answer.statusCode()) || answer.statusCode() >= SERVER_ERRORS) {
            return new TransientDeliveryException("unavailable: " + told, answer, retryAfter(answer));
        }
        return new BatchRefusedException("refused: " + told, answer);
    }

    /** The codes that come with a wrong key just as with a wrong clock; the SDK has corrected the clock by then. */
    private static boolean isRefusedSignature(String code) {
        return code.equals("InvalidSignatureException") || code.equals("SignatureDoesNotMatch") || code.equals("AuthFailure");
    }

    private static String words(AwsServiceException answer, String code) {
        String words = Optional.ofNullable(answer.awsErrorDetails()).map(details -> details.errorMessage()).orElse("");
        return "AWS answered " + answer.statusCode() + " " + code + (words.isBlank() ? "" : " (" + words.strip() + ")");
    }

    private static Duration retryAfter(AwsServiceException answer) {
        return Optional.ofNullable(answer.awsErrorDetails()).map(details -> details.sdkHttpResponse())
                .flatMap(response -> response.firstMatchingHeader("Retry-After")).filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text))).filter(asked -> asked.compareTo(MOST_TO_WAIT) <= 0).orElse(Duration.ZERO);
    }

    private static DeliveryException unanswered(String attempted, SdkException failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String why = root == failure ? failure.getMessage() : root.getClass().getSimpleName() + ": " + root.getMessage();
        if (String.valueOf(failure.getMessage()).contains("credentials")) {
            return new TransientDeliveryException("unauthorised: " + attempted + ": no credentials: " + failure.getMessage() + "; set access_key and"
                    + " secret_key, or give this machine a role", failure);
        }
        return new TransientDeliveryException("unreachable: " + attempted + ": " + why, failure);
    }
}
