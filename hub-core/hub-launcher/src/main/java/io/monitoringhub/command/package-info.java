/**
 * What commands there are, for {@code bin/hub} and for the shell of the running hub: one table, from which come help, the check of
 * arguments, completion and documentation. On the class path; the framework hands the package on to hub-runtime.
 */
package io.monitoringhub.command;
