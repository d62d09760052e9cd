package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;

/**
 * Where parsers come from, and with them the table of field names that they share.
 *
 * <p>The table is what makes field names free: a known name is the same string each time. It is shared by all decoders, because one per
 * connection would let ten thousand connections each fill one. Jackson empties it beyond 6,000 names, but whatever their length, so
 * whoever saw a long name calls {@link #forgetNames}. Names are not interned: that memory would never come back.
 *
 * <p>Thread-safe.
 */
final class Parsers {

    /** Field names longer than this don't stay in memory. */
    static final int LONG_NAME = 128;

    /** The one exception to "no static state", see above. */
    static final Parsers SHARED = new Parsers();

    private volatile JsonFactory factory = newFactory();

    private Parsers() {
    }

    JsonParser open(byte[] bytes, int from, int to) throws IOException {
        return factory.createParser(bytes, from, to - from);
    }

    /** A parser that shares nothing with others, so that what it says depends on these bytes alone. */
    static JsonParser apart(byte[] bytes, int from, int to) throws IOException {
        return newFactory().createParser(bytes, from, to - from);
    }

    void forgetNames() {
        factory = newFactory();
    }

    /** Jackson's own limits are off where the protocol has none, or where the decoder counts itself. */
    private static JsonFactory newFactory() {
        return new JsonFactoryBuilder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .enable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .enable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(Integer.MAX_VALUE)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .build())
                .build();
    }
}
