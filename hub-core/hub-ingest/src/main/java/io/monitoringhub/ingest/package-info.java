/** From a peer's bytes to acknowledged entries: decode, number, append, acknowledge. Knows no transport and no OSGi. */
@Version("1.0.0")
package io.monitoringhub.ingest;

import org.osgi.annotation.versioning.Version;
