/** From {@code hub.yaml}, environment and defaults to one validated configuration, and from there to ConfigurationAdmin. */
package io.monitoringhub.runtime.config;
