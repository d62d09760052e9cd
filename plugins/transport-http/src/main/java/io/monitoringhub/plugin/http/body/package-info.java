/** From the bytes of a request's body to lines of LDJSON. */
package io.monitoringhub.plugin.http.body;
