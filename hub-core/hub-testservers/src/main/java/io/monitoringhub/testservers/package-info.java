/**
 * Real servers, each started by a test on a free loopback port, killed, started again on the same port with the same data, and taken away
 * with it. Nothing here is part of a running hub.
 */
@Version("1.0.0")
package io.monitoringhub.testservers;

import org.osgi.annotation.versioning.Version;
