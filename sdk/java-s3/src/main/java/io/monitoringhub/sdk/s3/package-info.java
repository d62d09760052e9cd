/** Direct mode to S3 and stores like it. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.sdk.s3;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
