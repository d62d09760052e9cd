package io.monitoringhub.plugin.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes through the folders once and takes, of each client, the file that comes next, if it is free. Used by one thread. */
final class Look {

    private static final Logger LOG = LoggerFactory.getLogger(Look.class);
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int STAMP_LENGTH = 16;
    private static final int MOST_STUCK = 10_000;

    private final SpoolSettings settings;
    private final FileSubmission submission;
    private final Locks locks;
    private final Clock clock;
    private final Problems problems;
    /** Files that were read and could not be moved or deleted: not read again and again. */
    private final Set<Path> stuck = new HashSet<>();
    private boolean hubIsBusy;

    Look(SpoolSettings settings, FileSubmission submission, Locks locks, Clock clock, Problems problems) {
        this.settings = settings;
        this.submission = submission;
        this.locks = locks;
        this.clock = clock;
        this.problems = problems;
    }

    /** @return whether something was taken, so that another look is worth it at once */
    boolean over(Collection<SpoolFolder> folders) throws InterruptedException {
        hubIsBusy = false;
        stuck.removeIf(path -> !Files.exists(path, LinkOption.NOFOLLOW_LINKS));
        boolean hasTaken = false;
        for (SpoolFolder folder : folders) {
            try {
                hasTaken |= over(folder);
                int bad = folder.badFiles();
                if (bad > 0) {
                    problems.add(bad + (bad == 1 ? " file" : " files") + " in " + folder.path().resolve(SpoolFolder.BAD)
                            + " could not be taken; the .reason beside each says why");
                }
                sweep(folder);
            } catch (IOException cannot) {
                problems.add("cannot take files from " + folder.path() + ": " + cannot);
            }
        }
        if (!stuck.isEmpty()) {
            problems.add(stuck.size() + " files were taken in and can't be moved or deleted, such as " + stuck.iterator().next()
                    + ": let the hub's user write to the folder, then restart this transport");
        }
        return hasTaken;
    }

    private boolean over(SpoolFolder folder) throws IOException, InterruptedException {
        List<Candidate> candidates = new ArrayList<>();
        for (ClientFiles files : folder.list()) {
            changed(files.next().path()).ifPresent(when -> candidates.add(new Candidate(files, when)));
        }
        candidates.sort(Comparator.comparing(Candidate::changed).thenComparing(candidate -> candidate.files.next().path()));
        boolean hasTaken = false;
        for (Candidate candidate : candidates) {
            if (hubIsBusy) {
                break;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Optional<SpoolFile> mine = stuck.contains(candidate.files.next().path()) ? Optional.empty() : claim(folder, candidate);
            hasTaken |= mine.isPresent() && take(folder, mine.get());
        }
        return hasTaken;
    }

    private Optional<SpoolFile> claim(SpoolFolder folder, Candidate candidate) throws InterruptedException {
        SpoolFile next = candidate.files.next();
        try {
            if (next.name().isOurs()) {
                return Optional.of(settled(folder, next));
            }
            boolean isFree = next.name().isPlain() ? hasRested(candidate.changed, settings.poll())
                    : next.name().hands() == SpoolName.Hands.SEALED || isAbandoned(next);
            for (SpoolFile sent : candidate.files.beingSent()) {
                isFree = isFree && (sent == next || isAbandoned(sent));
            }
            Optional<SpoolFile> mine = isFree ? folder.claim(next) : Optional.empty();
            return mine.isPresent() ? Optional.of(settled(folder, mine.get())) : mine;
        } catch (IOException cannot) {
            problems.add(cannot.getMessage() == null || cannot.getMessage().equals(next.path().toString())
                    ? "cannot take " + next + ": " + cannot : cannot.getMessage());
            return Optional.empty();
        }
    }

    private static SpoolFile settled(SpoolFolder folder, SpoolFile mine) throws IOException {
        if (mine.name().hands() == SpoolName.Hands.HUB_PLAIN) {
            folder.force();
        }
        return mine;
    }

    private boolean isAbandoned(SpoolFile file) throws IOException, InterruptedException {
        Optional<Instant> changed = changed(file.path());
        return changed.isPresent() && hasRested(changed.get(), settings.abandonedAfter()) && !locks.isHeld(file.path());
    }

    /** Also when somebody has set the clock back. */
    private boolean hasRested(Instant since, Duration least) {
        return Duration.between(since, clock.instant()).abs().compareTo(least) >= 0;
    }

    /** Empty if it is gone, or is no file. */
    private static Optional<Instant> changed(Path path) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? Optional.of(attributes.lastModifiedTime().toInstant()) : Optional.empty();
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    /** @return whether it is out of the way */
    private boolean take(SpoolFolder folder, SpoolFile file) throws InterruptedException {
        Outcome outcome = submission.take(file);
        try {
            if (outcome instanceof Outcome.Taken taken) {
                say(file, taken);
                if (settings.keep().isZero()) {
                    folder.remove(file);
                } else {
                    folder.keep(file, STAMP.format(clock.instant()));
                }
                return true;
            }
            if (outcome instanceof Outcome.Bad bad) {
                Path now = folder.quarantine(file, bad.reason(), bad.isUntouched());
                LOG.warn("{}: {}. It is now {}", file, bad.reason(), now);
                return true;
            }
            Outcome.Later later = (Outcome.Later) outcome;
            hubIsBusy = later.isOfTheHub();
            if (!later.problem().isEmpty()) {
                problems.add(later.problem());
            }
        } catch (IOException cannot) {
            LOG.warn("cannot put {} out of the way: {}", file, cannot.toString());
            if (stuck.size() < MOST_STUCK) {
                stuck.add(file.path());
            }
        }
        return false;
    }

    private static void say(SpoolFile file, Outcome.Taken taken) {
        LOG.info("took {}: {} messages stored, {} known before, {} refused{}", file, taken.receipt().accepted(), taken.receipt().known(),
                taken.receipt().refused(), taken.tornBytes() == 0 ? "" : ", " + taken.tornBytes() + " bytes of an unfinished last line dropped");
    }

    /** Deletes what was kept long enough. */
    private void sweep(SpoolFolder folder) throws IOException {
        Instant oldest = clock.instant().minus(settings.keep());
        for (Path kept : folder.kept()) {
            String name = kept.getFileName().toString();
            try {
                if (name.length() > STAMP_LENGTH && STAMP.parse(name.substring(0, STAMP_LENGTH), Instant::from).isBefore(oldest)) {
                    Files.deleteIfExists(kept);
                }
            } catch (DateTimeParseException notOurs) {
                LOG.debug("{} was not put there by the hub, and stays", kept);
            }
        }
    }

    /** The files of a client, with when the next of them was last written. */
    private record Candidate(ClientFiles files, Instant changed) { }
}
