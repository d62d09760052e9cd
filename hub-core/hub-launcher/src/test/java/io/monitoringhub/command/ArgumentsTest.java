package io.monitoringhub.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {

    private final CommandTable table = CommandTable.load();

    @Test
    void options_stand_anywhere_and_take_their_value_with_or_without_an_equals_sign() throws UsageException {
        Arguments arguments = of("replay", "--from", "-2h", "archive", "--to=5", "--yes", "--json");
        assertThat(arguments.words()).containsExactly("archive");
        assertThat(arguments.value("--from")).contains("-2h");
        assertThat(arguments.value("--to")).contains("5");
        assertThat(arguments.has("--yes")).isTrue();
        assertThat(arguments.wantsJson()).isTrue();
    }

    @Test
    void an_option_that_is_there_several_times_has_all_its_values_and_the_last_one_where_one_is_wanted() throws UsageException {
        Arguments arguments = of("tail", "--source", "a", "--source=b,c", "--no-follow", "--source", "-d");
        assertThat(arguments.values("--source")).containsExactly("a", "b,c", "-d");
        assertThat(arguments.value("--source")).contains("-d");
        assertThat(arguments.values("--no-follow")).isEmpty();
        assertThat(arguments.value("--no-follow")).isEmpty();
        assertThat(arguments.has("--no-follow")).isTrue();
        assertThat(arguments.values("--type")).isEmpty();
    }

    @Test
    void what_comes_behind_two_hyphens_is_no_option() throws UsageException {
        assertThat(of("trace", "--", "--json").words()).containsExactly("--json");
        assertThat(of("trace", "-5").words()).as("a number is none either").containsExactly("-5");
    }

    @Test
    void an_unknown_option_is_told_with_the_nearest_one_and_the_usage() {
        assertThatThrownBy(() -> of("replay", "archive", "--form", "1")).isInstanceOf(UsageException.class)
                .hasMessageContaining("no option '--form'").hasMessageContaining("did you mean '--from'?").hasMessageContaining("usage: replay LANE");
        assertThatThrownBy(() -> of("lanes", "-x")).hasMessageContaining("no option '-x'");
        assertThatThrownBy(() -> of("reload", "--json=yes")).hasMessageContaining("takes no value");
        assertThatThrownBy(() -> of("replay", "archive", "--from")).hasMessageContaining("--from wants OFFSET|TIME|earliest");
    }

    @Test
    void too_few_too_many_and_wrong_words_are_told() {
        assertThatThrownBy(() -> of("trace")).hasMessageContaining("expected ID");
        assertThatThrownBy(() -> of("trace", "a", "b")).hasMessageContaining("'b' is one word too many");
        assertThatThrownBy(() -> of("config", "shwo")).hasMessageContaining("did you mean 'show'?");
        assertThatThrownBy(() -> of("lanes", "archive")).hasMessageContaining("'archive' is one word too many");
    }

    @Test
    void help_needs_no_words_and_raw_commands_take_everything() throws UsageException {
        assertThat(of("trace", "--help").wantsHelp()).isTrue();
        assertThat(of("trace", "-h").wantsHelp()).isTrue();
        assertThat(of("shell", "hub:lanes", "--json", "--whatever").words()).containsExactly("hub:lanes", "--json", "--whatever");
    }

    private Arguments of(String command, String... words) throws UsageException {
        return Arguments.of(table.bin(command), List.of(words));
    }
}
