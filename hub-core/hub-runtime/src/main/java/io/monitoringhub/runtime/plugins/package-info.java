/**
 * What happens when a jar appears in {@code plugins/}, changes or goes.
 *
 * <h2>Replacing a plugin that runs</h2>
 * File Install sees the file and asks {@link io.monitoringhub.runtime.plugins.PluginInstaller}. The new jar is copied aside and read to
 * its last byte, then installed as a bundle of its own and resolved <em>while the old one runs</em>. Only then is the old bundle
 * stopped and the new one started; the old one is uninstalled after that. So
 * <ul>
 * <li>a jar that is garbage, half copied or misses a package never touches the version that runs;
 * <li>one that nobody whom the hub knows has signed neither, where that is asked for;
 * <li>one whose start fails or does not end, or in which a component does not work that did before, costs a pause: the old bundle, still
 *     installed, is started again;
 * <li>the pause of a good replacement is one stop and one start, without reading, resolving or refreshing in between.
 * </ul>
 * A bundle's id and location change with every replacement; a configuration must therefore not be bound to one location.
 *
 * <h2>After a restart</h2>
 * The framework's cache is empty at every start. The last jar that worked is kept in {@code run/good/}, and is used if what lies in
 * {@code plugins/} under the same name does not work. Beside it stands of which file it is the copy; while neither has been touched, a start
 * installs the copy and reads nothing to its last byte.
 */
package io.monitoringhub.runtime.plugins;
