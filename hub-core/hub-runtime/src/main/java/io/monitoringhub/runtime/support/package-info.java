/** What somebody needs to help, in one archive: no secrets, no messages, bounded. */
package io.monitoringhub.runtime.support;
