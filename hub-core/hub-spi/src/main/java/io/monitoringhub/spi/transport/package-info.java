/** What a transport implements, and what the hub hands to it. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.2.0")
package io.monitoringhub.spi.transport;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
