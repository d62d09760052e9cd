package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlFailureTest {

    @ParameterizedTest
    @CsvSource({"08006, TRANSIENT, unreachable", "08001, TRANSIENT, unreachable", "08004, PERMANENT, unauthorised", "22P05, CONTENT, refused",
        "22003, CONTENT, refused", "23514, CONTENT, refused", "23505, TRANSIENT, refused", "25006, TRANSIENT, read-only",
        "28P01, PERMANENT, unauthorised", "28000, PERMANENT, unauthorised", "3D000, PERMANENT, no such database",
        "3F000, PERMANENT, no such schema", "40P01, TRANSIENT, rolled back", "42501, PERMANENT, unauthorised", "42P01, PERMANENT, not usable",
        "53100, TRANSIENT, full", "53300, TRANSIENT, too many connections", "54000, CONTENT, refused", "55P03, TRANSIENT, locked",
        "57014, TRANSIENT, too slow", "57P01, TRANSIENT, shut down", "57P03, TRANSIENT, starting or stopping",
        "58030, TRANSIENT, input or output error", "XX000, TRANSIENT, internal error", "99999, TRANSIENT, failed", ", TRANSIENT, failed"})
    void what_a_state_means(String state, SqlFailure.Kind kind, String word) {
        SqlFailure failure = SqlFailure.of(new SQLException("said", state));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.word()).isEqualTo(word);
    }

    @Test
    void the_message_says_what_where_why_and_what_helps() {
        SQLException error = new SQLException("no\n  room", "53100", new IOException("disk"));
        assertThat(SqlFailure.of(error).message("write", "postgresql://h/d", error))
                .isEqualTo("cannot write at postgresql://h/d: full (53100, no room (disk)): make room on the server's disk");
    }

    @Test
    void the_readme_has_a_row_for_each_class_of_the_table() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        assertThat(SqlFailure.prefixes()).isNotEmpty().allSatisfy(prefix -> assertThat(readme).contains("`" + prefix + "`"));
    }
}
