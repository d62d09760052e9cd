/** Keys and certificates from PEM files, without Netty: for servers and clients of any kind. */
package io.monitoringhub.plugin.stream.pem;
