/** Which entries go to which lanes. */
@Version("1.0.0")
package io.monitoringhub.delivery.routing;

import org.osgi.annotation.versioning.Version;
