/** Sends events, metrics, progress, resource use and spans to a Monitoring Hub: {@link io.monitoringhub.sdk.MonitoringSdk} is where to begin. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.sdk;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
