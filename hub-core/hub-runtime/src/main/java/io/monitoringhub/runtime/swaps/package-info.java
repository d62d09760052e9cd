/** What it costs that one version of a plugin takes the place of another: read from the counters of lanes and ingest, before and after. */
package io.monitoringhub.runtime.swaps;
