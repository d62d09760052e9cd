/** Tests of what the tarball is packaged into: a Debian package with a unit, a container, manifests for Kubernetes, a bill of materials. */
package io.monitoringhub.distribution.packaging;
