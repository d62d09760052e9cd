/** The hub itself: log, ingest, lanes and correlation put together, fed by the plugins that come and go. */
package io.monitoringhub.runtime.engine;
