package io.monitoringhub.sdk.elasticsearch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the bulk interface says of one document. Immutable.
 *
 * @param status as of HTTP
 * @param error the server's words, {@code ""} if there are none
 */
record BulkItem(int status, String error) {

    private static final Set<Integer> A_PERSON_MUST_ACT = Set.of(401, 403, 404);

    /** Those of an answer, in their order. */
    static List<BulkItem> all(String answer) throws IOException {
        if (!(Json.object(answer).get("items") instanceof List<?> items)) {
            throw new IOException("no items");
        }
        List<BulkItem> all = new ArrayList<>();
        for (Object item : items) {
            // {"create":{"status":201}}
            if (!(item instanceof Map<?, ?> action) || action.size() != 1 || !(action.values().iterator().next() instanceof Map<?, ?> told)
                    || !(told.get("status") instanceof Number status)) {
                throw new IOException("an item without a status");
            }
            all.add(new BulkItem(status.intValue(), told.get("error") == null ? "" : error(told.get("error"))));
        }
        return all;
    }

    private static String error(Object error) {
        if (!(error instanceof Map<?, ?> told)) {
            return String.valueOf(error);
        }
        String cause = told.get("caused_by") instanceof Map<?, ?> by && by.get("reason") != null ? " (" + by.get("reason") + ")" : "";
        return told.get("type") + ": " + told.get("reason") + cause;
    }

    /** Written now, or by an earlier try. */
    boolean isThere() {
        return status >= 200 && status < 300 || status == 409;
    }

    boolean isForLater() {
        return status == 429 || status >= 500;
    }

    boolean isForAPerson() {
        return A_PERSON_MUST_ACT.contains(status);
    }

    @Override
    public String toString() {
        return status + (error.isEmpty() ? "" : " " + error);
    }
}
