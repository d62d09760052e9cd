/** The commands: send a load, verify what arrived, measure the packaged hub end to end. */
package io.monitoringhub.benchmarks;
