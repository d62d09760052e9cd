/** The messages that a benchmark sends: their text, how a number is patched into them, how it is found again. */
package io.monitoringhub.benchmarks.message;
