/** The load generator: many connections, plain or acknowledged, as fast as it goes or at a fixed rate. */
package io.monitoringhub.benchmarks.load;
