package io.monitoringhub.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.command.LogLevels;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogbackLevelsTest {

    private static final String NAME = "io.monitoringhub.launcher.LogbackLevelsTest";

    private final LogLevels levels = LogbackLevels.create().orElseThrow();

    @Test
    void a_level_is_set_listed_and_reset_to_what_the_configuration_said() {
        String before = levels.level(NAME).level();
        levels.set(NAME, "trace");
        levels.set(NAME, "error");
        assertThat(LoggerFactory.getLogger(NAME).isWarnEnabled()).isFalse();
        assertThat(levels.levels()).anySatisfy(level -> {
            assertThat(level.name()).isEqualTo(NAME);
            assertThat(level.level()).isEqualTo("error");
            assertThat(level.isChanged()).isTrue();
        });
        levels.reset(NAME);
        assertThat(levels.level(NAME)).satisfies(level -> {
            assertThat(level.level()).isEqualTo(before);
            assertThat(level.configured()).isEmpty();
            assertThat(level.isChanged()).isFalse();
        });
    }

    @Test
    void root_is_called_root() {
        assertThat(levels.level("ROOT").name()).isEqualTo("root");
        assertThat(levels.levels()).extracting(LogLevels.Setting::name).contains("root");
    }
}
