/** A transport that takes the files which SDKs and scripts leave in folders. */
package io.monitoringhub.plugin.spool;
