/** Where entries are kept that a destination will never take. */
@Version("1.0.0")
package io.monitoringhub.delivery.deadletters;

import org.osgi.annotation.versioning.Version;
