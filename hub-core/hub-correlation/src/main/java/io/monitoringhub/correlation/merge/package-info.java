/** Spans that are complete, as one message each that is added to the log. */
@Version("1.0.0")
package io.monitoringhub.correlation.merge;

import org.osgi.annotation.versioning.Version;
