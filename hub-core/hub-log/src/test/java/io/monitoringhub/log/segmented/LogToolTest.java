package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogToolTest {

    @TempDir
    Path folder;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void writeALog() throws IOException {
        try (SegmentedLog log = SegmentedLog.open(LogFixture.settings(folder), LogEvents.none(), new SettableClock(0))) {
            log.append(new Appended("{\"msg\":\"\u001b[31mred\"}\n", 2));
            Appended.to(log, "second").base();
            log.cursors().open("lane", 2);
        }
    }

    private int run(String... arguments) {
        printed.reset();
        return new LogTool(new PrintStream(printed, true, StandardCharsets.UTF_8)).run(List.of(arguments));
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void verifySaysWhatIsThereAndThatItIsWhole() {
        assertThat(run("verify", folder.toString())).isEqualTo(LogTool.OK);
        assertThat(output()).contains("2 frames, 3 entries, offsets 0 to before 3", "1 segments, 2 frames, 3 entries, no damage",
                "cursor lane at 2, 0 bytes of state");
    }

    @Test
    void verifyFindsDamageAndChangesNothing() throws IOException {
        Path segment = folder.resolve(SegmentFormat.name(0));
        byte[] bytes = Files.readAllBytes(segment);
        bytes[60] ^= 1;
        Files.write(segment, bytes);
        assertThat(run("verify", folder.toString())).isEqualTo(LogTool.DAMAGED);
        assertThat(output()).contains("DAMAGED from byte 48 to", "entries lost from offset 0 to before 2");
        assertThat(segment).hasBinaryContent(bytes);
    }

    @Test
    void dumpPrintsHeadersAndOnDemandPayloads() {
        assertThat(run("dump", folder.toString())).isEqualTo(LogTool.OK);
        assertThat(output()).contains("@48: offsets 0 to before 2").doesNotContain("second");
        assertThat(run("dump", folder.toString(), "text", "1")).isEqualTo(LogTool.OK);
        assertThat(output()).contains("{\"msg\":\".[31mred\"}", "second");
        assertThat(run("dump", folder.toString(), "hex", "2", "2")).isEqualTo(LogTool.OK);
        assertThat(output()).contains("73 65 63 6f 6e 64").contains("second").doesNotContain("offsets 0 to");
    }

    @Test
    void cursorsListsThemAndFindsDamage() throws IOException {
        assertThat(run("cursors", folder.toString())).isEqualTo(LogTool.OK);
        Files.writeString(folder.resolve("cursors/lane.cursor"), "garbage");
        assertThat(run("cursors", folder.toString())).isEqualTo(LogTool.DAMAGED);
        assertThat(output()).contains("cursor lane DAMAGED");
    }

    @Test
    void wrongArgumentsAndMissingFoldersAreDifferentThings() {
        assertThat(run()).isEqualTo(LogTool.USAGE);
        assertThat(run("repair", folder.toString())).isEqualTo(LogTool.USAGE);
        assertThat(run("dump", folder.toString(), "x")).isEqualTo(LogTool.USAGE);
        assertThat(output()).contains("verify <folder>");
        assertThat(run("verify", folder.resolve("none").toString())).isEqualTo(LogTool.FAILED);
        assertThat(output()).contains("cannot read the log in");
    }
}
