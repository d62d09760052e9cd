package io.monitoringhub.protocol;

/**
 * How large and how deep a line may be. Immutable.
 *
 * @param maxLineBytes length of a line in bytes, its newline included
 * @param maxDepth how deep objects and arrays may be nested; the line's own object counts as 1
 */
public record ProtocolLimits(int maxLineBytes, int maxDepth) {

    /** The limits of version 1: 65,536 bytes and depth 64. */
    public static final ProtocolLimits VERSION_1 = new ProtocolLimits(65_536, 64);

    public ProtocolLimits {
        if (maxLineBytes < 2) {
            throw new IllegalArgumentException("maxLineBytes is " + maxLineBytes + ": give at least 2");
        }
        if (maxDepth < 2) {
            throw new IllegalArgumentException("maxDepth is " + maxDepth + ": give at least 2");
        }
    }
}
