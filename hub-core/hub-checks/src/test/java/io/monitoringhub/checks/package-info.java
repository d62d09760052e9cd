/** The rules of the design that a machine can check: architecture, manifests, plugin folders, modules. What breaks one fails the build. */
package io.monitoringhub.checks;
