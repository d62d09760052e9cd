/** LDJSON over TCP, on Netty. */
package io.monitoringhub.plugin.tcp;
