package io.stamp.kernels;

import io.stamp.engine.Backend;
import io.stamp.engine.BackendProvider;
import io.stamp.engine.KnownProperty;
import io.stamp.engine.StampException;
import java.util.List;

/** Offers the backend {@code cuda}. */
public final class CudaBackendProvider implements BackendProvider {
    @Override
    public String name() {
        return CudaBackend.NAME;
    }

    /** Above the vector backend's. */
    @Override
    public int preference() {
        return 20;
    }

    @Override
    public Backend.Support available() {
        CudaOptions options = CudaOptions.ofProperties();
        KernelImage.requireNamed(options.kernels());
        try {
            return new Backend.Support(true, CudaRequirements.check(options).description());
        } catch (StampException missing) {
            return new Backend.Support(false, missing.getMessage());
        }
    }

    @Override
    public List<KnownProperty> properties() {
        return CudaOptions.known();
    }

    /** Threads of the processor have no part in it. */
    @Override
    public Backend open(int threads) {
        CudaOptions options = CudaOptions.ofProperties();
        CudaRequirements.check(options);
        return CudaBackend.open(options);
    }
}
