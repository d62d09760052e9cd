package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.server.JsonText;
import io.monitoringhub.plugin.http.server.Problem;
import java.util.List;

/**
 * What a request is answered by. Immutable.
 *
 * @param status of HTTP
 * @param json the body
 * @param retryAfter seconds; 0 says nothing of it
 * @param code of the error; empty if there is none
 */
record Answer(int status, String json, long retryAfter, String code) {

    /**
     * An item that was refused.
     *
     * @param index its place in the request, from 0
     */
    record ItemError(long index, String code, String reason) { }

    static Answer of(Problem problem) {
        return new Answer(problem.status(), problem.json(), problem.retryAfter(), problem.code());
    }

    /** All is stored but what was refused, each by itself. Nothing stored at all is an error. */
    static Answer counts(long accepted, long known, long refused, List<ItemError> errors) {
        StringBuilder json = new StringBuilder(100 + errors.size() * 100).append("{\"accepted\":").append(accepted).append(",\"known\":")
                .append(known).append(",\"refused\":").append(refused).append(",\"errors\":[");
        for (int i = 0; i < errors.size(); i++) {
            ItemError error = errors.get(i);
            json.append(i == 0 ? "" : ",").append("{\"index\":").append(error.index()).append(",\"code\":").append(JsonText.quoted(error.code()))
                    .append(",\"reason\":").append(JsonText.quoted(error.reason())).append('}');
        }
        json.append(']');
        boolean nothing = accepted == 0 && known == 0 && refused > 0;
        if (nothing) {
            json.append(',').append(new Problem(400, "all_refused", "no message of the request is one", "'errors' says why, for at most 100;"
                    + " correct them and send them again").error());
        }
        return new Answer(nothing ? 400 : 202, json.append("}\n").toString(), 0, nothing ? "all_refused" : "");
    }
}
