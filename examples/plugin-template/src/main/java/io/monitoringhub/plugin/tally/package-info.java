/** The backend of type {@code tally}: counts entries per source and type. An example to copy; start reading at {@link io.monitoringhub.plugin.tally.TallyBackend}. */
package io.monitoringhub.plugin.tally;
