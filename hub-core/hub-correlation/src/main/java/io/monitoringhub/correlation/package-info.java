/** Traces, spans and jobs, put together from the entries of the log while they are appended. A view that can be lost: the log has all. */
@Version("1.0.0")
package io.monitoringhub.correlation;

import org.osgi.annotation.versioning.Version;
