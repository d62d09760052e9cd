/** The durable, ordered, append-only log: frames of opaque bytes, offsets, readers, cursors. Knows neither messages nor OSGi. */
@Version("1.0.0")
package io.monitoringhub.log;

import org.osgi.annotation.versioning.Version;
