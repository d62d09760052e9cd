package io.monitoringhub.runtime.engine;

import io.monitoringhub.log.segmented.LogEvents;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a person what happens to the log. Thread-safe. */
final class LogReporter implements LogEvents {

    private static final Logger LOG = LoggerFactory.getLogger("io.monitoringhub.log");

    @Override
    public void tornTailCut(Path segment, long position, long bytes) {
        LOG.info("{}: cut off {} unfinished bytes at position {}, left by a crash; nothing in them was acknowledged", segment, bytes, position);
    }

    @Override
    public void quarantined(Path segment, long position, long bytes, long firstLost, long next, Path copy) {
        LOG.error("{}: {} bytes at position {} are damaged: entries {} to {} are lost; the bytes are kept in {}. Check the disk", segment,
                bytes, position, firstLost, next - 1, copy);
    }

    @Override
    public void quarantineFailed(Path segment, long position, long bytes, IOException cause) {
        LOG.error("{}: could not keep {} damaged bytes at position {}: {}", segment, bytes, position, cause.toString());
    }

    @Override
    public void headerDamaged(Path segment) {
        LOG.error("{}: its header is damaged; its entries were found without it. Check the disk", segment);
    }

    @Override
    public void entriesMissing(long first, long next, String reason) {
        LOG.error("entries {} to {} are missing: {}", first, next - 1, reason);
    }

    @Override
    public void identityRestored(String id, String from) {
        LOG.warn("the file with the log's identity was lost; restored {} from {}", id, from);
    }

    @Override
    public void foreignFile(Path file, String reason) {
        LOG.warn("{} is not the log's and is left alone: {}", file, reason);
    }

    @Override
    public void leftoverRemoved(Path file) {
        LOG.info("removed {}, left unfinished by a crash", file);
    }

    @Override
    public void segmentDeleted(Path segment, long first, long next, String reason) {
        LOG.info("removed {} with entries {} to {}: {}", segment, first, next - 1, reason);
    }

    @Override
    public void deletionFailed(Path segment, IOException cause) {
        LOG.warn("cannot remove {}: {}. It is tried again", segment, cause.toString());
    }

    @Override
    public void entriesDropped(String cursor, long first, long next) {
        LOG.error("lane {}: entries {} to {} were removed before they were delivered: the log is full and on_full is drop_oldest", cursor,
                first, next - 1);
    }

    @Override
    public void blocked(String reason, IOException cause) {
        LOG.error("the log takes no entries for now, clients have to wait and nothing is lost: {}", reason);
    }

    @Override
    public void unblocked(String reason) {
        LOG.info("the log takes entries again: {}", reason);
    }

    @Override
    public void cursorUnreadable(String cursor, Path setAside, IOException cause) {
        LOG.error("the position of lane {} is unreadable ({}); it was put aside as {}", cursor, cause.toString(), setAside);
    }

    @Override
    public void callbackFailed(RuntimeException cause) {
        LOG.error("a fault of the hub: please report it", cause);
    }

    @Override
    public void writerDied(Throwable cause) {
        LOG.error("the log's thread ended by a fault of the hub: nothing is appended any more. Restart the hub and report this", cause);
    }
}
