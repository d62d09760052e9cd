/** Direct mode to Elasticsearch and OpenSearch. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package io.monitoringhub.sdk.elasticsearch;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
