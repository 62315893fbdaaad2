package io.stamp.engine.reference;

import io.stamp.engine.Backend;
import io.stamp.engine.BackendProvider;

/** Offers the reference backend, which works everywhere. */
public final class ReferenceBackendProvider implements BackendProvider {
    @Override
    public String name() {
        return ReferenceBackend.NAME;
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public Backend.Support available() {
        return new Backend.Support(true, "plain Java, for checking other backends");
    }

    @Override
    public Backend open(int threads) {
        return new ReferenceBackend();
    }
}
