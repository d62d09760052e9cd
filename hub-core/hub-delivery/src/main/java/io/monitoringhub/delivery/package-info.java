/**
 * Lanes: each reads the log from a cursor of its own, keeps what its routes select, and hands batches to one backend until every entry is
 * written or a dead letter.
 */
@Version("1.0.0")
package io.monitoringhub.delivery;

import org.osgi.annotation.versioning.Version;
