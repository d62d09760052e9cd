package io.monitoringhub.sdk.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Lines of a session that are not simply waiting: refused ones before their turn, and those that a server took that may yet prove a hub. Used by one thread. */
final class Unsettled {

    private final Set<Long> refused = new HashSet<>();
    private final List<byte[]> unsure = new ArrayList<>();

    void refuse(long number) {
        refused.add(number);
    }

    /** The number up to which all is confirmed, when it was confirmed up to this one. */
    long confirmed(long number) {
        long confirmed = number;
        while (refused.contains(confirmed + 1)) {
            confirmed++;
        }
        long last = confirmed;
        refused.removeIf(n -> n <= last);
        return confirmed;
    }

    /** Taken for sent; the last of them are kept. */
    void doubt(List<byte[]> lines, int most) {
        unsure.addAll(lines);
        unsure.subList(0, Math.max(0, unsure.size() - most)).clear();
    }

    /** Puts them before these lines again; how many. */
    int takeBack(List<byte[]> lines) {
        int count = unsure.size();
        lines.addAll(0, unsure);
        unsure.clear();
        return count;
    }

    void forgetDoubts() {
        unsure.clear();
    }
}
