/** A handler for java.util.logging. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.sdk.jul;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
