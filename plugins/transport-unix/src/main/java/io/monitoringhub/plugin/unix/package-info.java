/** LDJSON over Unix domain sockets, on Netty. */
package io.monitoringhub.plugin.unix;
