package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers events as lines. Thread-safe. */
final class RecordedEvents implements LogEvents {

    private final List<String> lines = new CopyOnWriteArrayList<>();

    List<String> lines() {
        return lines;
    }

    @Override
    public void tornTailCut(Path segment, long position, long bytes) {
        lines.add("torn " + segment.getFileName() + " " + position + " " + bytes);
    }

    @Override
    public void quarantined(Path segment, long position, long bytes, long firstLost, long next, Path copy) {
        lines.add("quarantined " + segment.getFileName() + " " + position + " " + bytes + " lost " + firstLost + " " + next);
    }

    @Override
    public void quarantineFailed(Path segment, long position, long bytes, IOException cause) {
        lines.add("quarantine failed " + segment.getFileName() + " " + position);
    }

    @Override
    public void headerDamaged(Path segment) {
        lines.add("header damaged " + segment.getFileName());
    }

    @Override
    public void entriesMissing(long first, long next, String reason) {
        lines.add("missing " + first + " " + next);
    }

    @Override
    public void identityRestored(String id, String from) {
        lines.add("identity restored");
    }

    @Override
    public void foreignFile(Path file, String reason) {
        lines.add("foreign " + file.getFileName());
    }

    @Override
    public void leftoverRemoved(Path file) {
        lines.add("leftover " + file.getFileName());
    }

    @Override
    public void segmentDeleted(Path segment, long first, long next, String reason) {
        lines.add("deleted " + first + " " + next);
    }

    @Override
    public void deletionFailed(Path segment, IOException cause) {
        lines.add("deletion failed " + segment.getFileName());
    }

    @Override
    public void entriesDropped(String cursor, long first, long next) {
        lines.add("dropped " + cursor + " " + first + " " + next);
    }

    @Override
    public void blocked(String reason, IOException cause) {
        lines.add("blocked " + reason);
    }

    @Override
    public void unblocked(String reason) {
        lines.add("unblocked");
    }

    @Override
    public void cursorUnreadable(String cursor, Path setAside, IOException cause) {
        lines.add("cursor unreadable " + cursor);
    }

    @Override
    public void callbackFailed(RuntimeException cause) {
        lines.add("callback failed " + cause.getMessage());
    }

    @Override
    public void writerDied(Throwable cause) {
        lines.add("writer died " + cause);
    }
}
