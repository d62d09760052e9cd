/** The sockets that transports listen on: they belong to the hub, so that they outlive the bundle that uses them. */
package io.monitoringhub.ingest.listening;
