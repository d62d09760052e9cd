/** The threads that read the log for correlation; not for other bundles. */
package io.monitoringhub.correlation.follow;
