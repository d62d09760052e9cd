/** The backend of type {@code postgresql}: entries as rows, each exactly once; start reading at {@link io.monitoringhub.plugin.postgresql.PostgresqlBackend}. */
package io.monitoringhub.plugin.postgresql;
