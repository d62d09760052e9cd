/**
 * The process around the framework: what {@code bin/hub} calls.
 *
 * <p>One half runs the hub ({@link io.monitoringhub.launcher.HubProcess}), the other half talks to a hub that runs, as a short-lived
 * client process ({@link io.monitoringhub.launcher.ShellClient}, {@link io.monitoringhub.launcher.RunningHub}). The two meet in the
 * files of {@link io.monitoringhub.launcher.HubPaths#run()} and nowhere else.
 */
package io.monitoringhub.launcher;
