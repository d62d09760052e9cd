package io.monitoringhub.delivery.routing;

import java.util.List;

/**
 * Whether one lane gets entries of one kind, as far as that is known without their messages.
 *
 * <p>Immutable.
 */
final class LaneChoice {

    /** What the index alone says. */
    enum Answer {
        NEVER, ALWAYS, ASK_THE_MESSAGE
    }

    private final String lane;
    private final List<RouteRule> candidates;
    private final Answer answer;

    /** @param candidates see {@link RouteTable#candidates} */
    LaneChoice(String lane, List<RouteRule> candidates) {
        this.lane = lane;
        this.candidates = candidates;
        this.answer = answer();
    }

    Answer inAdvance() {
        return answer;
    }

    /** From the last rule to the first: what follows if the search comes here, with and without a match before. */
    private Answer answer() {
        Answer afterMatch = Answer.NEVER;
        Answer otherwise = Answer.NEVER;
        for (int i = candidates.size() - 1; i >= 0; i--) {
            RouteRule rule = candidates.get(i);
            boolean isDefault = rule.place().isDefault();
            Answer ifItHolds = rule.to().contains(lane) ? Answer.ALWAYS
                    : !rule.continues() ? Answer.NEVER
                    : isDefault ? otherwise : afterMatch;
            boolean isSure = !rule.match().asksForFields();
            otherwise = isSure ? ifItHolds : either(ifItHolds, otherwise);
            afterMatch = isDefault ? Answer.NEVER : isSure ? ifItHolds : either(ifItHolds, afterMatch);
        }
        return otherwise;
    }

    private static Answer either(Answer one, Answer other) {
        return one == other ? one : Answer.ASK_THE_MESSAGE;
    }

    /** Tells whether the lane gets the message. */
    boolean isSelected(FieldScan message) {
        boolean matched = false;
        for (RouteRule rule : candidates) {
            boolean isDefault = rule.place().isDefault();
            if (isDefault && matched) {
                return false;
            }
            if (rule.match().holds(message)) {
                if (rule.to().contains(lane)) {
                    return true;
                }
                if (!rule.continues()) {
                    return false;
                }
                matched |= !isDefault;
            }
        }
        return false;
    }
}
