package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Ingest;

/**
 * What all connections of one server share. Immutable.
 *
 * @param ingest where the bytes go
 * @param connections all connections
 * @param refusals counts those that were refused or ended
 * @param settings how they are served
 */
record ServerContext(Ingest ingest, Connections connections, Refusals refusals, StreamSettings settings) {
}
