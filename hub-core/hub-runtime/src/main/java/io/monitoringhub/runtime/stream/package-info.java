/** Entries as they come, for people and programs that look on: read from the log, beside the lanes. */
package io.monitoringhub.runtime.stream;
