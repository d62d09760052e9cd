/** Entries as documents of Elasticsearch and OpenSearch, by the bulk API. */
package io.monitoringhub.plugin.elasticsearch;
