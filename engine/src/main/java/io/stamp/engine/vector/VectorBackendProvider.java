package io.stamp.engine.vector;

import io.stamp.engine.Backend;
import io.stamp.engine.BackendProvider;
import io.stamp.engine.FailedException;
import io.stamp.engine.KnownProperty;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.winograd.Winograd;
import java.util.List;

/** Offers the vector backend. This class links without the Vector API, so that it can say that it is missing. */
public final class VectorBackendProvider implements BackendProvider {
    private static final String MODULE = "jdk.incubator.vector";

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public int preference() {
        return 10;
    }

    @Override
    public Backend.Support available() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return new Backend.Support(
                    false, "the JVM was started without the Vector API; start it with --add-modules " + MODULE + ".");
        }
        return SelfTest.result();
    }

    @Override
    public List<KnownProperty> properties() {
        return List.of(
                new KnownProperty(
                        Lanes.PROPERTY,
                        "width of vectors: 128, 256 or 512; the widest of the processor if not set",
                        true),
                new KnownProperty(Winograd.PROPERTY, "on, or off: compute 3x3 convolutions directly", true));
    }

    @Override
    public Backend open(int threads) {
        Backend.Support support = available();
        if (!support.supported()) {
            throw new FailedException("The backend 'vector' cannot be used here: " + support.reason());
        }
        return new VectorBackend(threads);
    }
}
