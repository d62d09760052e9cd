/** Brings what OSGi bundles say to the LogService into the hub's own log. */
package io.monitoringhub.runtime.logging;
