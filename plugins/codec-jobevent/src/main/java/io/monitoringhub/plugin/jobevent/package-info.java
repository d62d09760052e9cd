/** The older job event format as messages of the protocol. */
package io.monitoringhub.plugin.jobevent;
