package io.monitoringhub.plugin.jobevent;

import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.testkit.CodecContract;
import java.util.List;

class JobEventCodecContractTest extends CodecContract {

    @Override
    protected Codec newCodec() {
        return new JobEventCodec();
    }

    @Override
    protected List<String> goodDocuments() {
        return List.of(Samples.event("started"), Samples.event("progress"), Samples.event("metric"), Samples.event("finished"),
                Samples.event("error"), Samples.event("canceled"), Samples.SMALLEST);
    }

    @Override
    protected List<String> badDocuments() {
        return List.of("", "nonsense", "1", "[]", "{}", "{\"entity\":{},\"event\":{\"kind\":\"started\",\"at\":1}}",
                Samples.event("exploded"), Samples.event("started").replace("\"2026-11-22T12:00:00Z\"", "\"yesterday\""),
                Samples.event("started") + "{}", Samples.event("started").replace("\"site_id\"", "\"app\""),
                Samples.SMALLEST.replace("\"site_id\":\"s\",", ""), Samples.SMALLEST.replace("5", "-5"));
    }
}
