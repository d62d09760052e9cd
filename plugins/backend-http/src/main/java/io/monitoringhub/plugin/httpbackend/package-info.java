/** The backend of type {@code http}: entries by HTTP requests; start reading at {@link io.monitoringhub.plugin.httpbackend.HttpBackend}. */
package io.monitoringhub.plugin.httpbackend;
