/** The HTTP server: connections that the hub accepts, TLS, limits, and answers to what is no proper request. */
package io.monitoringhub.plugin.http.server;
