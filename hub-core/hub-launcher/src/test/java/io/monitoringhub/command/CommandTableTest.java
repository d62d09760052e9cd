package io.monitoringhub.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandTableTest {

    private static final Path PAGE = Path.of("../../docs/commands.md");

    private final CommandTable table = CommandTable.load();

    @Test
    void docs_commands_md_is_what_the_table_says() throws IOException {
        String wanted = Reference.markdown(table);
        if (Boolean.getBoolean("hub.docs.write")) {
            Files.writeString(PAGE, wanted);
        }
        assertThat(Files.readString(PAGE)).as("docs/commands.md is behind commands.txt; write it again with"
                + " 'mvn -pl hub-core/hub-launcher test -Dtest=CommandTableTest -Dhub.docs.write=true'").isEqualTo(wanted);
    }

    @Test
    void every_command_says_what_it_does_and_has_an_example_that_is_a_command_line_of_it() throws UsageException {
        for (Command command : table.all()) {
            assertThat(command.summary()).as(command.name()).isNotBlank().doesNotEndWith(".");
            assertThat(command.examples()).as(command.name()).isNotEmpty();
            for (Command.Note example : command.examples()) {
                String line = example.what().replaceFirst("^source <\\((.*)\\)$", "$1").replaceFirst(" > .*$", "").replaceFirst("^HUB_\\w+=\\S+ ", "");
                List<String> words = List.of(line.replace("'{\"src\":\"queue-service\",\"type\":\"event\",\"data\":{\"level\":\"error\"}}'", "{}")
                        .split(" "));
                assertThat(words.get(0)).as(example.what()).isEqualTo("hub");
                assertThat(words.get(1)).as(example.what()).isIn(command.name(), "shell", "help");
                Arguments.of(table.bin(words.get(1)), words.subList(2, words.size()));
            }
        }
    }

    @Test
    void every_exit_code_of_a_command_is_one_of_the_table_of_codes() {
        Set<Integer> known = Set.copyOf(ExitCode.meanings().stream().map(ExitCode.Meaning::code).toList());
        table.all().forEach(command -> command.exits().forEach(exit -> assertThat(known).as(command.name()).contains(Integer.valueOf(exit.what()))));
    }

    @Test
    void help_fits_80_columns() {
        String all = Help.overview(table.inBin(), 80) + Help.overview(table.inShell(), 80);
        for (Command command : table.all()) {
            all += Help.of(command, "hub ", 80);
        }
        assertThat(all.lines()).allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(80));
    }

    @Test
    void an_unknown_command_is_told_with_the_nearest_one() {
        assertThatThrownBy(() -> table.bin("statsu")).isInstanceOf(UsageException.class).hasMessageContaining("did you mean 'status'?");
        assertThatThrownBy(() -> table.bin("xyzxyzxyz")).hasMessage("no command 'xyzxyzxyz' ('hub help' lists them)");
        assertThatThrownBy(() -> table.shell("start")).as("not in the shell").isInstanceOf(UsageException.class);
    }

    @Test
    void bash_takes_the_completion_and_completes(@TempDir Path folder) throws Exception {
        String script = Completion.bash(table) + """
                complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _hub; printf '%s ' "${COMPREPLY[@]}"; echo; }
                type() { echo "$HUB_TEST/bin/hub"; }
                complete_words hub la
                complete_words hub replay --f
                complete_words hub pause ''
                complete_words hub replay --yes a
                complete_words hub dead dr
                complete_words hub swap ''
                """;
        Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("data/log/cursors"));
        Files.createDirectories(folder.resolve("plugins"));
        Files.createFile(folder.resolve("data/log/cursors/archive.cursor"));
        Files.createFile(folder.resolve("plugins/backend-x.jar"));
        Path file = Files.writeString(folder.resolve("script"), script);
        ProcessBuilder bash = new ProcessBuilder("bash", file.toString()).redirectErrorStream(true);
        bash.environment().put("HUB_TEST", folder.toString());
        bash.environment().keySet().removeAll(Set.of("HUB_DATA", "HUB_PLUGINS"));
        Process process = bash.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output.lines().map(String::strip)).containsExactly("lanes", "--from", "archive", "archive", "drop", "backend-x.jar");
    }

    @Test
    void a_table_that_is_wrong_is_told() {
        assertThatThrownBy(() -> CommandTable.parse(List.of("command x", "nonsense y"))).hasMessageContaining("no line begins with 'nonsense'");
        assertThatThrownBy(() -> CommandTable.parse(List.of("does x"))).hasMessageContaining("before the first command");
        assertThatThrownBy(() -> CommandTable.parse(List.of("command x", "option --a b"))).hasMessageContaining("expected ' :: '");
    }
}
