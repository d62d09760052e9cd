package io.monitoringhub.protocol;

/**
 * What the hub needs to know of a message without reading its data. One instance per decoder, filled anew for each line: copy out what
 * must live longer. Used by one thread at a time.
 */
public final class Envelope {

    /** What {@link #level} gives for anything but an event. */
    public static final int NO_LEVEL = -1;

    Type type = Type.HEARTBEAT;
    String source = "";
    long timestamp;
    int level = NO_LEVEL;
    boolean traceId;

    Envelope() {
    }

    /** What it is: never a control type when it comes with a message. */
    public Type type() {
        return type;
    }

    /** Who sent it. Equal sources of one decoder are mostly the same object. */
    public String source() {
        return source;
    }

    /** The sender's time stamp in Unix milliseconds, 0 or more; can be far off. */
    public long timestamp() {
        return timestamp;
    }

    /** An event's level: 0 debug, 1 info, 2 warn, 3 error, 4 fatal; {@link #NO_LEVEL} for other types. */
    public int level() {
        return level;
    }

    /** Whether it belongs to a trace: {@code tid} is there and neither null nor empty. */
    public boolean hasTraceId() {
        return traceId;
    }
}
