package io.monitoringhub.benchmarks.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A file that a backend wrote. Immutable.
 *
 * @param path where it is
 * @param stem its name without part and ending: {@code events-2026-11-22}
 * @param part 0 for {@code events-2026-11-22.jsonl}, 1 for {@code events-2026-11-22.1.jsonl}, …
 * @param compressed whether it ends in {@code .gz}
 */
record BackendFile(Path path, String stem, int part, boolean compressed) {
    private static final Pattern NAME = Pattern.compile("(.*?)(?:\\.(\\d{1,9}))?\\.jsonl(\\.gz)?");
    private static final Pattern DATE = Pattern.compile("\\d{4}-?\\d{2}-?\\d{2}([T_-]?\\d{2}(-?\\d{2})*)?");
    private static final int READ_BYTES = 64 * 1024;
    private static final Comparator<BackendFile> AS_WRITTEN = Comparator.comparing((BackendFile file) -> file.path.getParent())
            .thenComparing(BackendFile::stem).thenComparingInt(BackendFile::part);

    /** All files below {@code folder} in the order in which they were written; none if there is no such folder yet. */
    static List<BackendFile> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            List<BackendFile> files = paths.flatMap(BackendFile::of).sorted(AS_WRITTEN).toList();
            Set<Path> names = files.stream().map(BackendFile::path).collect(Collectors.toSet());
            // While a file is being compressed both exist, and only the plain one is whole.
            return files.stream().filter(file -> !file.compressed || !names.contains(file.uncompressed())).toList();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return list(folder);
            }
            throw e.getCause();
        }
    }

    /** Files that continue each other have the same series: within it a connection's messages keep their order. */
    String series() {
        return path.getParent() + "/" + DATE.matcher(stem).replaceAll("");
    }

    /** Its lines, uncompressed. */
    ReadableByteChannel open() throws IOException {
        return compressed ? Channels.newChannel(new GZIPInputStream(Files.newInputStream(path), READ_BYTES)) : Files.newByteChannel(path);
    }

    private Path uncompressed() {
        String name = path.getFileName().toString();
        return path.resolveSibling(name.substring(0, name.length() - ".gz".length()));
    }

    private static Stream<BackendFile> of(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches()) {
            return Stream.empty();
        }
        int part = name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
        return Stream.of(new BackendFile(path, name.group(1), part, name.group(3) != null));
    }
}
