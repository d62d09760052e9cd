package io.monitoringhub.benchmarks;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/**
 * A receiver that runs. Immutable.
 *
 * @param what it is, in words
 * @param address where it listens
 * @param pid its process
 * @param files where its messages arrive
 * @param known figures about it that are known already
 */
record Target(String what, InetSocketAddress address, long pid, Path files, Map<String, Object> known) {
}
