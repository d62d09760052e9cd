package io.monitoringhub.runtime.plugins;

import java.time.Instant;

/**
 * One file in {@code plugins/} and what became of it.
 *
 * <p>Immutable.
 *
 * @param file its name in the folder
 * @param name the symbolic name of the bundle that runs, or empty
 * @param version the version of the bundle that runs, or empty
 * @param state what became of the file's present content
 * @param detail why, where the state does not say it all; else empty
 * @param since when this state was reached
 */
public record Plugin(String file, String name, String version, State state, String detail, Instant since) {

    /** What became of a file. */
    public enum State {
        /** It has come, and nobody knows yet what becomes of it. */
        NEW("being looked at"),
        /** It runs. */
        ACTIVE("active"),
        /** It runs, but a component in it does not. */
        DEGRADED("degraded"),
        /** It runs, but would be refused if it came now: nobody whom the hub knows has signed it. */
        UNVERIFIED("runs, but would be refused"),
        /** It ran, and does not any more: stopped by hand, or left without something that it needs. */
        STOPPED("stopped"),
        /** The file was refused; the version before it was not touched and runs. */
        KEPT("refused, previous version runs"),
        /** The file's bundle, or a component in it that worked before, failed to start; the version before it was started again. */
        ROLLED_BACK("failed, rolled back"),
        /** The file was refused, and there is nothing to fall back on. */
        REFUSED("refused");

        private final String label;

        State(String label) {
            this.label = label;
        }

        /** The words that people read. */
        public String label() {
            return label;
        }
    }
}
