package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.backend.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one backend.
 *
 * <p><b>How each entry comes to be there exactly once.</b> Time is cut into epochs: a commit ends one. What is stored with a commit, see
 * {@link CommitState}, names the files that were written to last and how long they were. After a crash at any moment {@link Recovery}
 * cuts them back to that, and the hub sends again what was cut off.
 *
 * <p>The state is small, the number of files is not. Before the first append of an epoch to a file that the last state does not name, the
 * {@link Journal} notes durably how long the file was. Recovery goes by the state and by what the journal notes of epochs after it; where
 * both name a file, the shorter length is the older one. A note is dropped only when a commit after it is known to have been stored, which
 * is when more was written and another one is asked for.
 *
 * <table>
 * <caption>Where a crash leaves us, if the last stored commit ended epoch E</caption>
 * <tr><td>after a note, before the append</td><td>the file is as long as noted: nothing to do</td></tr>
 * <tr><td>after an append, before or in the commit</td><td>cut to the state's or the noted length</td></tr>
 * <tr><td>after the commit of E+1 was made, before the hub stored it</td><td>the hub shows E: the notes of E+1 still stand, as above</td></tr>
 * <tr><td>after it was stored</td><td>the hub shows E+1: its notes are void</td></tr>
 * <tr><td>within recovery</td><td>the journal is replaced only after all files are cut: the same again</td></tr>
 * </table>
 *
 * <p>An append that fails or is interrupted leaves its files dirty: what is beyond the known length is cut off before anything else is
 * done to them. A disk that fails to confirm that bytes are on it ends the instance, because a second attempt can succeed without them.
 *
 * <p>Used by one thread at a time.
 */
final class Destination {

    private static final Logger LOG = LoggerFactory.getLogger(Destination.class);

    private final Path folder;
    private final FilesystemSettings settings;
    private final String log;
    private final Disk disk;
    private final Consumer<String> degraded;
    private final OwnerMarker owner;
    private final Notes notes;
    private final OpenFiles open;
    private final Streams streams;
    private final BatchPlan plan;
    private final LineSink sink = new LineSink();
    private final Endings endings;

    private final RecentFiles recent;
    private final List<TargetFile> touched = new ArrayList<>();
    private final List<TargetFile> dirty = new ArrayList<>();
    private final List<TargetFile> covered = new ArrayList<>();
    private long epoch;
    /** The last epoch whose commit the hub has stored for certain. */
    private long storedEpoch;
    private long committedEpoch;
    private byte[] committedState;

    /** What an instance is opened with. */
    record Start(Path folder, FilesystemSettings settings, String owner, String journalName, String log, byte[] state, String threadName,
            int maxNamed) { }

    private Destination(Start start, Disk disk, Consumer<String> degraded, OwnerMarker owner, Journal journal, Journal.Content content,
            Optional<CommitState> state) {
        this.folder = start.folder;
        this.settings = start.settings;
        this.log = start.log;
        this.recent = new RecentFiles(start.maxNamed);
        this.disk = disk;
        this.degraded = degraded;
        this.owner = owner;
        this.open = new OpenFiles(disk, settings.maxOpenFiles());
        Periods periods = new Periods(settings.zone(), settings.grain());
        this.endings = new Endings(settings.gzip(), new Compressor(folder, disk, start.threadName + "-gzip"));
        this.streams = new Streams(folder, settings, periods, this::known, endings::superseded);
        this.plan = new BatchPlan(streams, periods, settings, state.map(CommitState::watermark).orElse(Long.MIN_VALUE));
        this.notes = new Notes(journal, folder, endings::pending, content.isSettled() || state.isPresent());
        this.storedEpoch = state.map(CommitState::epoch).orElse(0L);
        this.committedEpoch = storedEpoch;
        this.epoch = 1 + Math.max(storedEpoch, content.intents().stream().mapToLong(Journal.Intent::epoch).max().orElse(0));
    }

    /** Puts the files back to the last commit and gets ready for more. */
    static Destination open(Start start, Disk disk, Consumer<String> degraded) throws IOException, OwnerMarker.OwnedByOtherException {
        Path folder = start.folder;
        try {
            disk.createFolders(folder);
            OwnerMarker owner = OwnerMarker.claim(folder, start.owner, disk);
            Journal journal = new Journal(folder.resolve(start.journalName), disk);
            Journal.Content content = journal.read();
            Optional<CommitState> state = CommitState.parse(start.state)
                    .filter(known -> known.folder().equals(owner.folderId()) && known.log().equals(start.log));
            new Recovery(folder, disk, degraded).run(state, content);
            Destination destination = new Destination(start, disk, degraded, owner, journal, content, state);
            destination.restore(state, content);
            return destination;
        } catch (IOException e) {
            throw FileFailure.of("use folder", folder, e);
        }
    }

    private void restore(Optional<CommitState> state, Journal.Content content) throws IOException {
        List<CommitState.FileLength> files = state.map(CommitState::files).orElse(List.of());
        for (int i = files.size() - 1; i >= 0; i--) {
            CommitState.FileLength length = files.get(i);
            if (Files.exists(length.name().in(folder)) && !Files.exists(length.name().compressedIn(folder))) {
                TargetFile file = restored(length.name(), length.period());
                recent.add(file);
                streams.register(file);
                endings.expect(file);
            }
        }
        for (Journal.Pending pending : content.pending()) {
            if (!recent.contains(pending.file()) && Files.exists(pending.file().in(folder))) {
                endings.expect(restored(pending.file(), pending.period()));
            }
        }
        for (TargetFile file : endings.expected()) {
            streams.register(file);
        }
        // A file that is there in both forms was complete when it was compressed: only its removal is missing.
        endings.expected().stream().filter(file -> streams.isSuperseded(file.name) || Files.exists(file.name.compressedIn(folder)))
                .forEach(endings::superseded);
        notes.rewrite();
        cover(recent.all());
        committedState = state(committedEpoch, recent.all());
    }

    private TargetFile restored(FileName name, long period) throws IOException {
        TargetFile file = new TargetFile(name, folder, period);
        file.length = Files.size(file.path);
        file.planned = file.length;
        return file;
    }

    private TargetFile known(FileName name) {
        TargetFile file = recent.find(name).orElse(null);
        return file != null ? file : endings.find(name);
    }

    /** Appends all entries, or none. */
    void write(Batch batch) throws IOException, OwnerMarker.OwnedByOtherException {
        boolean isDone = false;
        try {
            plan.make(batch);
            for (TargetFile file : plan.files()) {
                examine(file);
            }
            announce();
            for (TargetFile file : plan.files()) {
                append(file, batch);
            }
            isDone = true;
        } finally {
            if (isDone) {
                accept();
            }
            plan.clear();
        }
    }

    /** Tries to cut off at once what a failed append has left, for the sake of those who read or need the space. */
    void undo() {
        try {
            settle();
        } catch (IOException e) {
            LOG.debug("cutting off later: {}", e.toString());
        }
    }

    private void examine(TargetFile file) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(file.path, BasicFileAttributes.class);
            if (!found.isRegularFile()) {
                throw FileFailure.permanent("write to", file.path, "move it away", new IOException("it is not a file"));
            }
            if (file.key != null && !file.key.equals(found.fileKey())) {
                open.release(file);
            }
            file.key = found.fileKey();
            long size = found.size();
            if (file.isDirty && size > file.length) {
                open.channel(file).truncate(file.length);
                size = file.length;
            }
            file.isDirty = false;
            if (!file.isKnown || size != file.length) {
                meet(file, size);
            }
        } catch (NoSuchFileException e) {
            if (file.length > 0) {
                degraded.accept(file + " was removed while it was in use: a new one is begun");
            }
            open.release(file);
            file.isDirty = false;
            file.key = null;
            meet(file, 0);
        } catch (IOException e) {
            throw FileFailure.of("write to", file.path, e);
        }
    }

    private void meet(TargetFile file, long size) throws IOException {
        if (size < file.length) {
            file.isCovered = false;
        }
        if (file.isKnown && size != file.length && size > 0) {
            degraded.accept(file + " was changed from " + file.length + " to " + size + " bytes by somebody else: writing goes on at its"
                    + " end; nothing but this backend may write to it");
        }
        file.length = size;
        file.planned = size;
        file.endsWithinLine = size > 0 && !open.endsWithLine(file, size);
        file.isKnown = true;
    }

    /** Notes in the journal what recovery could not know otherwise. */
    private void announce() throws IOException, OwnerMarker.OwnedByOtherException {
        List<Journal.Intent> intents = new ArrayList<>();
        List<Journal.Pending> pending = new ArrayList<>();
        for (TargetFile file : plan.files()) {
            if (!file.isCovered) {
                intents.add(new Journal.Intent(epoch, file.name, file.length));
                if (settings.gzip() && file.length == 0) {
                    pending.add(new Journal.Pending(file.name, file.period));
                }
            }
        }
        if (intents.isEmpty()) {
            return;
        }
        try {
            confirmOwner();
            notes.add(intents, pending);
        } catch (IOException e) {
            throw FileFailure.of("write to the journal of", folder, e);
        }
        for (TargetFile file : plan.files()) {
            if (!file.isCovered) {
                file.isCovered = true;
                covered.add(file);
                if (file.length == 0) {
                    endings.expect(file);
                }
            }
        }
    }

    private void append(TargetFile file, Batch batch) throws IOException {
        try {
            file.isDirty = true;
            dirty.add(file);
            if (file.key == null) {
                open.create(file);
                file.key = Files.readAttributes(file.path, BasicFileAttributes.class).fileKey();
            }
            sink.begin(open.channel(file), file.length);
            if (file.endsWithinLine) {
                sink.endLine();
            }
            plan.lines(file, batch, sink);
            file.planned = sink.end();
        } catch (UncheckedIOException e) {
            throw FileFailure.of("write to", file.path, e.getCause());
        } catch (IOException e) {
            throw FileFailure.of("write to", file.path, e);
        }
    }

    private void accept() {
        for (TargetFile file : plan.files()) {
            file.length = file.planned;
            file.isDirty = false;
            file.endsWithinLine = false;
            file.lastEpoch = epoch;
            if (!file.isTouched) {
                file.isTouched = true;
                touched.add(file);
            }
            recent.add(file);
        }
        dirty.removeIf(file -> !file.isDirty);
    }

    /**
     * Makes durable what was written.
     *
     * @return what to store with the commit
     */
    byte[] commit() throws IOException, OwnerMarker.OwnedByOtherException {
        confirmOwner();
        settle();
        if (!touched.isEmpty()) {
            // Entries came after the last commit, so the hub has stored it. A mere second flush can mean that it could not.
            storedEpoch = committedEpoch;
            tidy();
            for (TargetFile file : touched) {
                force(file);
            }
            forceNames();
            List<TargetFile> named = recent.keepThoseThatAStateHasRoomFor();
            committedState = state(epoch, named);
            committedEpoch = epoch++;
            touched.forEach(file -> file.isTouched = false);
            touched.clear();
            cover(named);
        }
        return committedState;
    }

    private void confirmOwner() throws IOException, OwnerMarker.OwnedByOtherException {
        if (!owner.confirm()) {
            notes.rewrite();
        }
    }

    private void settle() throws IOException {
        for (Iterator<TargetFile> files = dirty.iterator(); files.hasNext();) {
            TargetFile file = files.next();
            if (file.isDirty && Files.exists(file.path)) {
                try {
                    open.channel(file).truncate(file.length);
                } catch (IOException e) {
                    throw FileFailure.of("cut off a failed append to", file.path, e);
                }
            }
            file.isDirty = false;
            files.remove();
        }
    }

    private void force(TargetFile file) throws IOException {
        try {
            disk.force(open.channel(file));
        } catch (NoSuchFileException e) {
            degraded.accept(file + " was removed while it was in use, and what it held with it");
        } catch (IOException e) {
            throw FileFailure.permanent("make durable", file.path, "what the disk holds is not known: look at it, then start the backend"
                    + " again, which goes on from the last commit", e);
        }
    }

    private void forceNames() throws IOException {
        try {
            open.forceFolders();
        } catch (IOException e) {
            throw FileFailure.permanent("make names durable in", folder, "look at the disk, then start the backend again", e);
        }
    }

    private byte[] state(long ofEpoch, List<TargetFile> files) {
        return new CommitState(owner.folderId(), log, ofEpoch, plan.watermark(),
                files.stream().map(file -> new CommitState.FileLength(file.name, file.length, file.period)).toList()).encoded();
    }

    private void cover(List<TargetFile> named) {
        covered.forEach(file -> file.isCovered = false);
        covered.clear();
        named.forEach(file -> file.isCovered = true);
        covered.addAll(named);
    }

    /** What follows from knowing that the commit before has been stored. Comes first: once the new commit is made, nothing may fail. */
    private void tidy() throws IOException {
        notes.settle(storedEpoch);
        endings.release(plan.watermark(), storedEpoch, file -> {
            open.release(file);
            recent.remove(file);
        });
        endings.failures().forEach(degraded);
        streams.trim(name -> recent.contains(name) || endings.find(name) != null);
    }

    /** Lets go of everything; what is not committed is cut off at the next open. */
    void close() {
        endings.close();
        open.releaseAll();
        notes.close();
    }
}
