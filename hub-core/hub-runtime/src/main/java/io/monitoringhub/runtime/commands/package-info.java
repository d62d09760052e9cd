/** The commands of scope {@code hub} in the Felix shell. */
package io.monitoringhub.runtime.commands;
