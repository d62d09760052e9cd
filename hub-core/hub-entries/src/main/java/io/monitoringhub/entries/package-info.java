/** The inside of a log frame: an envelope index and the messages' own bytes. Written by ingest, read by delivery and correlation. */
@Version("1.0.0")
package io.monitoringhub.entries;

import org.osgi.annotation.versioning.Version;
