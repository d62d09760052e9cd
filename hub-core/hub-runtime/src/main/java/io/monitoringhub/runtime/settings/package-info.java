/** What can be configured, said once: shapes made of annotated records and of plugins' Metatype, against which files are checked and from which a JSON Schema is made. */
package io.monitoringhub.runtime.settings;
