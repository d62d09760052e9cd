package io.monitoringhub.sdk.internal;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Where an SDK's lines go: to a hub, or to backends of the program's own. Thread-safe. */
public interface Outlet {

    /** Starts its threads; whether that was possible. Without them every message is lost, and counted. */
    boolean start();

    /** Takes a line with its newline, or counts it as lost. Never waits. */
    void add(byte[] line);

    /** Waits until everything has arrived, or cannot at present; whether it has. */
    boolean flush(Duration timeout);

    /** Delivers what can be delivered within this time, and ends the threads. */
    void close(Duration timeout);

    /** Whether messages are lost, or kept elsewhere, because memory is full. */
    boolean isOverflowing();

    /** Whether messages get through at present. */
    boolean isConnected();

    /** {@code acked}, {@code plain}, {@code undecided} or {@code direct}. */
    String protocol();

    /** Under which messages are numbered. */
    Optional<UUID> client();

    /** Messages in memory that have not arrived. */
    int buffered();
}
