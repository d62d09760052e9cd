package io.monitoringhub.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SpecificationTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_0-9]+)` \\|");

    @Test
    void tableOfRefusalsHasTheCodesInTheOrderOfPrecedence() throws IOException {
        List<String> codes = ROW.matcher(section("## 5. Refusals")).results().map(row -> row.group(1)).collect(Collectors.toList());

        assertThat(codes).isEqualTo(Arrays.stream(RefusalCode.values()).map(RefusalCode::word).collect(Collectors.toList()));
    }

    @Test
    void tableOfTypesHasThoseThatBecomeEntries() throws IOException {
        List<String> types = ROW.matcher(section("## 4. Types")).results().map(row -> row.group(1)).collect(Collectors.toList());

        assertThat(types).isEqualTo(Arrays.stream(Type.values()).filter(type -> !type.isControl()).map(Type::word)
                .collect(Collectors.toList()));
    }

    private static String section(String heading) throws IOException {
        String text = Files.readString(Path.of("PROTOCOL.md"));
        int from = text.indexOf(heading);
        assertThat(from).as("section %s", heading).isNotNegative();
        return text.substring(from, text.indexOf("\n## ", from + 1));
    }
}
