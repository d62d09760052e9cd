package io.monitoringhub.sdk.direct;

/** One destination of direct mode. A constructor only stores; used by one thread at a time, which may be interrupted at the end. */
public interface Backend {

    /** How it is called in results and errors. */
    String name();

    /**
     * Returns when the destination has the messages; connects when it must. The same batch may come again, with the same {@link Batch#key}.
     *
     * @return what the destination will never take
     */
    Rejections write(Batch batch) throws DeliveryException;

    /** Lets go of connections and files; may be called again. */
    void close();

    /**
     * Messages of a batch that will never be taken; the others are written. Immutable.
     *
     * @param count how many
     * @param reason why the first of them was not
     */
    record Rejections(int count, String reason) {

        /** All was taken. */
        public static final Rejections NONE = new Rejections(0, "");
    }
}
