/** Values that every kind of plugin meets: identities, message types, levels, health. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
