package io.monitoringhub.plugin.spool;

import io.monitoringhub.spi.transport.Receipt;

/** What became of a file. Immutable. */
sealed interface Outcome {

    /** All of it is stored, or was refused line by line. @param tornBytes what stood behind the last whole line of a killed writer */
    record Taken(Receipt receipt, long tornBytes) implements Outcome { }

    /** It can't be taken, now or later. @param isUntouched whether nothing of it was stored */
    record Bad(String reason, boolean isUntouched) implements Outcome { }

    /**
     * It comes again at a later look.
     *
     * @param problem for health; empty if it is nothing to worry about
     * @param isOfTheHub whether other files would fare no better now
     */
    record Later(String problem, boolean isOfTheHub) implements Outcome { }
}
