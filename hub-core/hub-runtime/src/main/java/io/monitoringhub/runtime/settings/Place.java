package io.monitoringhub.runtime.settings;

/**
 * Where a value comes from. Immutable.
 *
 * @param where the file as people call it, or {@code environment variable X}
 * @param line counted from 1; 0 where there are no lines
 * @param column counted from 1
 */
public record Place(String where, int line, int column) {

    /** What nobody said. */
    public static final Place DEFAULT = new Place("default", 0, 0);

    /** A variable of the environment. */
    public static Place variable(String name) {
        return new Place("environment variable " + name, 0, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? where : where + ":" + line + ":" + column;
    }
}
