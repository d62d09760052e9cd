/** Connections of clients, on Netty: what the transports over sockets have in common. Each of them embeds its own copy. */
package io.monitoringhub.plugin.stream;
