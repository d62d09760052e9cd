/** What the hub shows of itself to other machines: health, readiness, metrics. Pages come through the HTTP Whiteboard and need an http transport. */
package io.monitoringhub.runtime.surface;
