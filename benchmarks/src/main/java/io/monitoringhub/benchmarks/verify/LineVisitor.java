package io.monitoringhub.benchmarks.verify;

/** Is shown one line after the other, without any copy being made. */
@FunctionalInterface
public interface LineVisitor {
    /** @param end index after the line's last byte, its newline not included; @param offset of the line in its file */
    void line(byte[] bytes, int start, int end, long offset);
}
