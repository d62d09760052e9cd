/** An appender for Logback. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.sdk.logback;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
