/** Gets finished lines to the hub: hand-over from the application's threads, numbered sessions, spool files. Not exported. */
package io.monitoringhub.sdk.internal;
