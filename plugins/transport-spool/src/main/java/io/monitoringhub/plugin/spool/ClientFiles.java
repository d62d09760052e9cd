package io.monitoringhub.plugin.spool;

import java.util.ArrayList;
import java.util.List;

/** The files of one client, or one plain file: which comes next, and which of them SDKs are sending. Used by one thread. */
final class ClientFiles {

    private SpoolFile next;
    private final List<SpoolFile> beingSent = new ArrayList<>(1);

    ClientFiles(SpoolFile file) {
        add(file);
    }

    void add(SpoolFile file) {
        if (next == null || comesBefore(file, next)) {
            next = file;
        }
        if (file.name().hands() == SpoolName.Hands.SENDER) {
            beingSent.add(file);
        }
    }

    private static boolean comesBefore(SpoolFile one, SpoolFile other) {
        return one.name().first() < other.name().first()
                || one.name().first() == other.name().first() && one.name().isOurs() && !other.name().isOurs();
    }

    /** The one with the lowest number; the hub's own first. */
    SpoolFile next() {
        return next;
    }

    /** What SDKs have claimed. */
    List<SpoolFile> beingSent() {
        return List.copyOf(beingSent);
    }
}
