/** Delivery to backends of the program's own, without a hub. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.sdk.direct;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
