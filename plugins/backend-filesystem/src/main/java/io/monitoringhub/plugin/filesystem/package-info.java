/**
 * The backend of type {@code filesystem}: entries as lines of JSON in files, each exactly once.
 *
 * <p>{@link io.monitoringhub.plugin.filesystem.Destination} holds the design: how files are put back to the committed state.
 */
package io.monitoringhub.plugin.filesystem;
