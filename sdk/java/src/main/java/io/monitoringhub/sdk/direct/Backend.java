package io.monitoringhub.sdk.direct;

/**
 * One destination of direct mode. A constructor only stores. All but {@link #check} is called by one thread at a time, which may be interrupted at the
 * end; {@code check} may come from another thread meanwhile.
 */
public interface Backend {

    /** How it is called in results, errors and the spool: the spool of an earlier process goes to the backend of the same name. */
    String name();

    /** What suits it where the program says nothing. */
    default BackendOptions options() {
        return BackendOptions.USUAL;
    }

    /**
     * Returns when the destination has the messages; connects when it must. The same batch may come again, with the same {@link Batch#key}.
     *
     * @return what the destination will never take, and what is to be sent again
     */
    WriteResult write(Batch batch) throws DeliveryException;

    /** Looks whether the destination is there, without writing anything to it. @return what was found, in a few words */
    default String check() throws DeliveryException {
        return "it has no check of its own";
    }

    /** Lets go of connections and files; may be called again. */
    void close();
}
