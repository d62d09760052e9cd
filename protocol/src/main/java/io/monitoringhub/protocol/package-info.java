/** Reads and writes the wire protocol, version 1: {@code PROTOCOL.md} beside this module is normative. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.protocol;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
