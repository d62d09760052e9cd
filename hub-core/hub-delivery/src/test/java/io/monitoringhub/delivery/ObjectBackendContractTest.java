package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testkit.BackendContract;
import java.util.List;

/** A backend that plans its objects keeps the contract of all backends. */
class ObjectBackendContractTest extends BackendContract {

    private final ObjectBackend.Bucket bucket = new ObjectBackend.Bucket();

    @Override
    protected Backend newBackend() {
        return new ObjectBackend(bucket);
    }

    @Override
    protected List<String> stored() {
        return bucket.entries().stream().map(ObjectBackend.Entry::text).toList();
    }

    @Override
    protected String type() {
        return "objects";
    }
}
