/**
 * The log as segment files in one folder. {@link io.monitoringhub.log.segmented.SegmentedLog} is the way in; docs/log-format.md describes
 * what it leaves on disk.
 */
@Version("1.0.0")
package io.monitoringhub.log.segmented;

import org.osgi.annotation.versioning.Version;
