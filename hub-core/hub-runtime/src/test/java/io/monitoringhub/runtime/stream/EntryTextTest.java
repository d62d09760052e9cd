package io.monitoringhub.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.correlation.text.TerminalText;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EntryTextTest {

    private static final long T = 1_697_821_234_567L;

    private final EntryText plain = new EntryText(0, false);

    @Test
    void eachTypeSaysWhatItIsAboutOnOneLine() {
        assertThat(plain.line(event(Level.WARN, "{\"level\":\"warn\",\"msg\":\"disk low\",\"ctx\":{\"free\":\"1 GB\",\"on\":[1]}}")))
                .isEqualTo("17:00:34.567 queue-service    warn     disk low  free=1 GB  on=[1]");
        assertThat(plain.line(entry(MessageType.METRIC, "\"data\":{\"name\":\"rows\",\"value\":1.50,\"unit\":\"ms\",\"tags\":{}}")))
                .endsWith("metric   rows = 1.5 ms");
        assertThat(plain.line(entry(MessageType.PROGRESS, "\"data\":{\"job_id\":7,\"percent\":40,\"status\":\"copying\"}"))).endsWith("progress 7 40 % copying");
        assertThat(plain.line(entry(MessageType.SPAN, "\"tid\":\"t\",\"sid\":\"s\",\"data\":{\"name\":\"work\",\"start\":5,\"end\":null}")))
                .endsWith("span     begins: work  t/s");
        assertThat(plain.line(entry(MessageType.SPAN, "\"tid\":\"t\",\"sid\":\"s\",\"data\":{\"name\":\"work\",\"start\":5,\"end\":9,\"status\":\"ok\"}")))
                .endsWith("ends: work 4 ms ok  t/s");
        assertThat(plain.line(entry(MessageType.RESOURCE, "\"data\":{\"cpu\":12.5,\"mem\":800}"))).endsWith("resource cpu=12.5  mem=800");
        assertThat(plain.line(entry(MessageType.GOODBYE, "\"data\":null"))).endsWith("goodbye");
    }

    @Test
    void aLineFitsTheTerminalAndColoursItOnlyWhereItMay() {
        LogEntry entry = event(Level.ERROR, "{\"msg\":\"" + "long ".repeat(50) + "\"}");
        assertThat(TerminalText.columns(new EntryText(80, false).line(entry))).isEqualTo(80);
        assertThat(plain.line(entry)).hasSizeGreaterThan(250).doesNotContain("\u001b");
        assertThat(new EntryText(80, true).line(entry)).startsWith("\u001b[31m17:00").endsWith("\u001b[0m");
    }

    @Test
    void nothingThatIsSentControlsTheTerminal() {
        LogEntry entry = event(Level.INFO, "{\"msg\":\"a\\u001b[2Jb\u009b2J\u202e\\nc\"}");
        assertThat(plain.line(entry)).endsWith("a?[2Jb?2J??c");
        assertThat(plain.json(entry)).isEqualTo(entry.message().replace("\u009b", "\\u009b").replace("\u202e", "\\u202e"));
    }

    @Test
    void aMessageThatOnlyTheHubCanReadIsShownAsItIs() {
        LogEntry entry = entry(MessageType.METRIC, "\"data\":{\"name\":\"n\",\"value\":" + "9".repeat(2_000) + "}");
        assertThat(plain.line(entry)).contains("9999");
    }

    private static LogEntry event(Level level, String data) {
        return new LogEntry(1, "queue-service", MessageType.EVENT, Optional.of(level), T, "{\"v\":1,\"data\":" + data + "}");
    }

    private static LogEntry entry(MessageType type, String fields) {
        return new LogEntry(1, "queue-service", type, Optional.empty(), T, "{\"v\":1," + fields + "}");
    }
}
