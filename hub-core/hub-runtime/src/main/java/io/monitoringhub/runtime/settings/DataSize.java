package io.monitoringhub.runtime.settings;

/**
 * A number of bytes, written such as {@code 10GB}. Immutable.
 *
 * @param bytes how many
 */
public record DataSize(long bytes) {

    /** @throws IllegalArgumentException that says what was expected */
    static DataSize of(String text) {
        return new DataSize(Quantities.bytes(text));
    }
}
