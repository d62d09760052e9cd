/** Who may send, from which sources, and how fast. Knows tokens by their hashes only. */
@Version("1.0.0")
package io.monitoringhub.ingest.access;

import org.osgi.annotation.versioning.Version;
