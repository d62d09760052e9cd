/**
 * What the test of a plugin needs: {@link io.monitoringhub.testkit.BackendContract}, {@link io.monitoringhub.testkit.CodecContract} or
 * {@link io.monitoringhub.testkit.TransportContract} to extend, and fakes of what the hub hands to a plugin. Nothing here is part of a running hub.
 */
@Version("1.0.0")
package io.monitoringhub.testkit;

import org.osgi.annotation.versioning.Version;
