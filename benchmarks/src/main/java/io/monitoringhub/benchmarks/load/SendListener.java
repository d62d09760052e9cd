package io.monitoringhub.benchmarks.load;

/** Told of every block just before its first byte is written. Called by the generator's threads, must be quick. */
@FunctionalInterface
public interface SendListener {
    /** Messages {@code first} to {@code last} of {@code connection} are about to be written. */
    void sending(int connection, long first, long last, long nanoTime);
}
