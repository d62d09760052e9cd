/** Messages by HTTP requests. */
package io.monitoringhub.plugin.http;
