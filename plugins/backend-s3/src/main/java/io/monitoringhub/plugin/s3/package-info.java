/**
 * The backend of type {@code s3}: entries as objects of JSON lines in a bucket, each exactly once.
 *
 * <p>{@link io.monitoringhub.plugin.s3.Stretches} decides where objects end, {@link io.monitoringhub.plugin.s3.ObjectStore} puts them.
 */
package io.monitoringhub.plugin.s3;
