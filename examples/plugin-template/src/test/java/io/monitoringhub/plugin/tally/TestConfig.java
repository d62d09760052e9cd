package io.monitoringhub.plugin.tally;

import java.lang.annotation.Annotation;

/**
 * A configuration as Declarative Services would make it.
 *
 * @param path the file
 * @param max__sources how many sources have rows
 */
record TestConfig(String path, int max__sources) implements TallyConfig {

    static final TestConfig DEFAULT = new TestConfig("data/tally.tsv", 10_000);

    @Override
    public Class<? extends Annotation> annotationType() {
        return TallyConfig.class;
    }
}
