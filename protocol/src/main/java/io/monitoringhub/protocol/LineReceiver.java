package io.monitoringhub.protocol;

/**
 * Takes what a {@link LineDecoder} found: one call for each line that is not empty, in order. The line is {@code bytes[from..to)}, without
 * newline and surrounding white space; the array is the decoder's caller's, valid during the call. Used by one thread at a time.
 */
public interface LineReceiver {

    /**
     * A message: a line of a type that becomes an entry.
     *
     * @param envelope reused for the next line: valid during the call
     */
    void message(byte[] bytes, int from, int to, Envelope envelope);

    /** A well-formed hello. Whether it may stand here is the session's business. */
    void hello(byte[] bytes, int from, int to, Hello hello);

    /** A line that is neither. */
    void refused(byte[] bytes, int from, int to, Refusal refusal);
}
