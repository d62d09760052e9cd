/** Converts configuration files of the older sidecar. Runs without a framework. */
package io.monitoringhub.runtime.sidecar;
