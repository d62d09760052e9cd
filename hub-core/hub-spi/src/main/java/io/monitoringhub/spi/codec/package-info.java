/** What a codec implements: a plugin that turns documents of another format into messages. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.spi.codec;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
