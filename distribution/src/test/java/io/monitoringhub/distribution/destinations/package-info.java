/** What the shipped backends deliver to, so that one test of the packaged hub can be run with each. */
package io.monitoringhub.distribution.destinations;
