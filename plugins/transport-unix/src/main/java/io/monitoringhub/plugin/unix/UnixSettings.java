package io.monitoringhub.plugin.unix;

import io.monitoringhub.plugin.stream.SettingsCheck;
import io.monitoringhub.plugin.stream.StreamSettings;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The validated configuration. Immutable.
 *
 * @param path as it was written
 * @param permissions of the socket's file
 * @param group of the socket's file
 * @param users whose processes may connect; empty for all
 * @param streams how connections are served
 */
record UnixSettings(String path, Set<PosixFilePermission> permissions, Optional<String> group, Set<String> users, StreamSettings streams) {

    private static final int ALL = 0777;
    private static final int OWNER = 0600;

    /** @throws IllegalArgumentException that names every problem at once */
    static UnixSettings from(UnixConfig config) {
        SettingsCheck check = new SettingsCheck();
        String path = config.path();
        if (path == null || path.isBlank()) {
            check.problem("path '" + path + "': expected a file such as run/ingest.sock");
        }
        Set<PosixFilePermission> permissions = permissions(mode(String.valueOf(config.mode()), check));
        Optional<String> group = Optional.ofNullable(config.group()).filter(name -> !name.isBlank());
        Set<String> users = Set.copyOf(List.of(config.allow__users()));
        if (!users.isEmpty() && !PeerCredentials.areThere()) {
            check.problem("allow_users: this platform does not say whose process connects; use 'mode' and 'group'");
        }
        StreamSettings streams = StreamSettings.read(check, new StreamSettings.Limits(config::max__connections,
                config::max__connections__per__peer, config::idle__timeout), config::io__threads, config::read__bytes);
        check.done();
        return new UnixSettings(path, permissions, group, users, streams);
    }

    /** YAML makes 432 of 0660 that is not in quotes: nobody can mean the octal 432, as its owner could not use the socket. */
    private static int mode(String text, SettingsCheck check) {
        if (text.matches("0?[67][0-7]{2}")) {
            return Integer.parseInt(text, 8);
        }
        if (text.matches("\\d{3}") && Integer.parseInt(text) >= OWNER && Integer.parseInt(text) <= ALL) {
            return Integer.parseInt(text);
        }
        check.problem("mode '" + text + "': expected octal rights from 0600 to 0777, such as 0660");
        return OWNER;
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromTheTop = PosixFilePermission.values();
        for (int i = 0; i < fromTheTop.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                permissions.add(fromTheTop[i]);
            }
        }
        return permissions;
    }
}
