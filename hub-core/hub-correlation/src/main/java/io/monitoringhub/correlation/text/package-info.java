/** Traces and jobs as text for a terminal. */
@Version("1.0.0")
package io.monitoringhub.correlation.text;

import org.osgi.annotation.versioning.Version;
