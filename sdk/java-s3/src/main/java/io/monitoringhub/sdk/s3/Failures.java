package io.monitoringhub.sdk.s3;

import io.monitoringhub.sdk.direct.DeliveryException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** What a failed request means for the batch. Immutable. */
final class Failures {

    private static final Set<String> A_PERSON_MUST_ACT = Set.of("NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "PermanentRedirect",
            "AuthorizationHeaderMalformed", "ExpiredToken", "InvalidToken", "AllAccessDisabled", "InvalidBucketName");
    /** Of answers without a code, as those to HEAD. */
    private static final Set<Integer> NO_ENTRY = Set.of(301, 401, 403, 404);

    private final String bucket;

    Failures(String bucket) {
        this.bucket = bucket;
    }

    DeliveryException classified(RuntimeException failure) {
        String told = "S3 bucket " + bucket + ": ";
        if (!(failure instanceof AwsServiceException answer)) {
            String words = innermost(failure);
            boolean isForAPerson = failure instanceof IllegalArgumentException || words.contains("Unable to load region")
                    || words.contains("Unable to load credentials") || String.valueOf(failure.getMessage()).contains("Unable to load credentials");
            return DeliveryException.of(isForAPerson ? DeliveryException.Kind.PERMANENT : DeliveryException.Kind.TRANSIENT, told + words, failure);
        }
        Optional<AwsErrorDetails> details = Optional.ofNullable(answer.awsErrorDetails());
        String code = details.map(AwsErrorDetails::errorCode).orElse("");
        String message = told + answer.statusCode() + " " + code + details.map(AwsErrorDetails::errorMessage).map(words -> ": " + words).orElse("");
        if (A_PERSON_MUST_ACT.contains(code) || NO_ENTRY.contains(answer.statusCode())) {
            return DeliveryException.of(DeliveryException.Kind.PERMANENT, message, answer);
        }
        if (code.equals("EntityTooLarge")) {
            return DeliveryException.of(DeliveryException.Kind.REFUSED, message, answer);
        }
        Duration pause = details.map(AwsErrorDetails::sdkHttpResponse).flatMap(response -> response.firstMatchingHeader("Retry-After"))
                .filter(value -> value.matches("[0-9]{1,6}")).map(value -> Duration.ofSeconds(Long.parseLong(value))).orElse(Duration.ZERO);
        return DeliveryException.later(message, pause);
    }

    private static String innermost(Throwable failure) {
        Throwable at = failure;
        while (at.getCause() != null && at.getCause() != at) {
            at = at.getCause();
        }
        return at.getMessage() == null ? at.toString() : at.getMessage();
    }
}
