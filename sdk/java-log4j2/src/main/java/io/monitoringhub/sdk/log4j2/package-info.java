/** An appender for Log4j2. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.sdk.log4j2;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
