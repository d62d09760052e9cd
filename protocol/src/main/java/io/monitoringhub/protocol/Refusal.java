package io.monitoringhub.protocol;

import java.util.Objects;

/**
 * Why one line was refused. Immutable.
 *
 * @param code for programs
 * @param reason for people, one line, never anything of a token
 */
public record Refusal(RefusalCode code, String reason) {

    public Refusal {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(reason, "reason");
    }

    /**
     * The refusal of a line over the limit, which may not have ended yet.
     *
     * @param length how many bytes of it there are so far
     */
    public static Refusal tooLong(long length) {
        return new Refusal(RefusalCode.TOO_LONG, "the line has " + length + " bytes or more: split it, or shorten what it carries");
    }
}
