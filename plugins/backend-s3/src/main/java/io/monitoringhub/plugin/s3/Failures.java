package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * What a failed request means to the lane. The table is also in the README.
 *
 * <p>Immutable.
 */
final class Failures {

    /** What the lane is told. */
    enum Kind { AGAIN, PERSON }

    /** @param codes as the store calls them; one that ends with {@code *} is a beginning */
    record Rule(Kind kind, String says, String advice, String... codes) {
        boolean isFor(String code) {
            for (String each : codes) {
                if (each.endsWith("*") ? code.startsWith(each.substring(0, each.length() - 1)) : code.equals(each)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** The first that fits decides; what fits none is decided by the status alone. */
    static final List<Rule> RULES = List.of(
            new Rule(Kind.AGAIN, "the clocks differ", "set the clock of this machine, by NTP", "RequestTimeTooSkewed", "RequestExpired"),
            new Rule(Kind.AGAIN, "the store is busy", "it is tried again, ever more slowly; a key pattern with fewer objects helps", "SlowDown",
                    "ServiceUnavailable", "Throttling*", "TooManyRequests*", "RequestLimitExceeded", "BandwidthLimitExceeded", "KMS.Throttling*"),
            new Rule(Kind.AGAIN, "the store is full", "make room there", "XMinioStorageFull", "QuotaExceeded", "InsufficientCapacity",
                    "InsufficientStorage", "ServerOutOfSpace"),
            new Rule(Kind.AGAIN, "the store failed", "it is tried again", "InternalError", "RequestTimeout", "OperationAborted",
                    "ConditionalRequestConflict", "NoSuchUpload", "InvalidPart", "TemporaryRedirect"),
            new Rule(Kind.AGAIN, "the content was damaged on its way", "it is sent again", "BadDigest", "XAmzContentSHA256Mismatch",
                    "IncompleteBody", "XAmzContentChecksumMismatch"),
            new Rule(Kind.PERSON, "unauthorised: the credentials are wrong", "check access_key and secret_key", "InvalidAccessKeyId",
                    "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity", "NotSignedUp", "UnrecognizedClientException"),
            new Rule(Kind.PERSON, "unauthorised", "grant s3:PutObject, s3:AbortMultipartUpload and s3:DeleteObject on the keys, and the use of"
                    + " the KMS key if there is one", "AccessDenied", "AllAccessDisabled", "AccountProblem", "KMS.AccessDeniedException",
                    "KMS.NotFoundException", "KMS.DisabledException", "KMS.InvalidStateException", "KMS.KMSInvalidStateException"),
            new Rule(Kind.PERSON, "there is no such bucket", "create it, or correct bucket", "NoSuchBucket", "InvalidBucketName"),
            new Rule(Kind.PERSON, "the bucket is elsewhere", "set region, or endpoint", "PermanentRedirect", "AuthorizationHeaderMalformed",
                    "IllegalLocationConstraintException"),
            new Rule(Kind.PERSON, "the store does not take objects of this size", "set a smaller roll_size, or another part_size",
                    "EntityTooLarge", "EntityTooSmall", "MaxMessageLengthExceeded"),
            new Rule(Kind.PERSON, "the store does not know this setting", "correct sse, sse_kms_key or storage_class", "InvalidStorageClass",
                    "InvalidEncryptionAlgorithmError", "ServerSideEncryptionConfigurationNotFoundError", "NotImplemented", "InvalidArgument"));

    private static final Rule EXPIRED = new Rule(Kind.AGAIN, "the session token has expired", "the next ones of the credential chain are taken",
            "ExpiredToken", "TokenRefreshRequired", "ExpiredTokenException");
    private static final Rule EXPIRED_FOR_GOOD = new Rule(Kind.PERSON, "unauthorised: session_token has expired",
            "set access_key, secret_key and session_token anew, or leave them out for the credential chain");
    private static final int SERVER_ERRORS = 500;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;
    private static final int TIMEOUT = 408;
    private static final int INSUFFICIENT_STORAGE = 507;

    private final boolean isChain;

    /** @param isChain whether credentials come from the chain, which can have others the next time */
    Failures(boolean isChain) {
        this.isChain = isChain;
    }

    /** Whether others than these credentials may pass. */
    static boolean isExpired(Throwable failure) {
        return code(failure).filter(EXPIRED::isFor).isPresent();
    }

    /** Whether somebody may not do this, but may do other things. */
    static boolean isDenied(Throwable failure) {
        return code(failure).filter(code -> code.equals("AccessDenied") || code.equals("AllAccessDisabled")).isPresent();
    }

    private static Optional<String> code(Throwable failure) {
        return failure instanceof AwsServiceException answer ? Optional.ofNullable(answer.awsErrorDetails()).map(AwsErrorDetails::errorCode)
                : Optional.empty();
    }

    /** The exception for the lane. @param what was attempted, on what */
    DeliveryException classified(String what, Throwable failure) {
        return failure instanceof AwsServiceException answer ? ofAnswer(what, answer) : ofConnection(what, failure);
    }

    private DeliveryException ofAnswer(String what, AwsServiceException answer) {
        String code = code(answer).orElse("");
        Rule rule = rule(code, answer.statusCode());
        String region = header(answer, "x-amz-bucket-region").map(found -> ", the bucket is in " + found).orElse("");
        String words = answer.awsErrorDetails() == null || answer.awsErrorDetails().errorMessage() == null ? ""
                : ": " + answer.awsErrorDetails().errorMessage();
        String message = "cannot " + what + ": " + rule.says + " (" + answer.statusCode() + (code.isEmpty() ? "" : " " + code) + words + region + "); "
                + rule.advice;
        return rule.kind == Kind.PERSON ? new PermanentDeliveryException(message, answer)
                : new TransientDeliveryException(message, answer, retryAfter(answer));
    }

    private Rule rule(String code, int status) {
        if (EXPIRED.isFor(code)) {
            return isChain ? EXPIRED : EXPIRED_FOR_GOOD;
        }
        for (Rule rule : RULES) {
            if (rule.isFor(code)) {
                return rule;
            }
        }
        if (status == INSUFFICIENT_STORAGE) {
            return new Rule(Kind.AGAIN, "the store is full", "make room there");
        }
        if (status == TOO_MANY || status == TIMEOUT || status >= SERVER_ERRORS) {
            return new Rule(Kind.AGAIN, "the store failed", "it is tried again");
        }
        return status == UNAUTHORIZED || status == FORBIDDEN ? new Rule(Kind.PERSON, "unauthorised", "check credentials and permissions")
                : new Rule(Kind.PERSON, "the store refuses it", "the answer says why");
    }

    private static Optional<String> header(AwsServiceException answer, String name) {
        return Optional.ofNullable(answer.awsErrorDetails()).map(AwsErrorDetails::sdkHttpResponse)
                .flatMap(response -> response.firstMatchingHeader(name));
    }

    private static Duration retryAfter(AwsServiceException answer) {
        return header(answer, "Retry-After").filter(value -> value.matches("\\d{1,6}")).map(Long::parseLong).map(Duration::ofSeconds)
                .orElse(Duration.ZERO);
    }

    private DeliveryException ofConnection(String what, Throwable failure) {
        String says = "the request failed";
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof ConnectException || at instanceof UnknownHostException || at instanceof NoRouteToHostException) {
                says = "unreachable";
            } else if (at instanceof SocketTimeoutException) {
                says = "no answer in time";
            } else if (at instanceof SocketException) {
                says = "the connection broke";
            } else if (at instanceof SSLException) {
                says = "no TLS connection";
            } else if (String.valueOf(at.getMessage()).contains("Unable to load region")) {
                return new PermanentDeliveryException("cannot " + what + ": neither the configuration nor the environment has a region; set region", failure);
            } else if (String.valueOf(at.getMessage()).contains("Unable to load credentials")) {
                says = "unauthorised: no credentials in environment, system properties, profile, container or instance; set access_key and"
                        + " secret_key, or provide one of these";
            } else {
                continue;
            }
            break;
        }
        return new TransientDeliveryException("cannot " + what + ": " + says + " (" + innermost(failure) + ")", failure);
    }

    private static String innermost(Throwable failure) {
        Throwable at = failure;
        while (at.getCause() != null && at.getCause() != at) {
            at = at.getCause();
        }
        return at.getMessage() == null ? at.toString() : at.getClass().getSimpleName() + ": " + at.getMessage();
    }
}
