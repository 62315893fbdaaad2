package io.stamp.kernels.device;

import io.stamp.kernels.bind.DriverLaunch;
import java.util.HashMap;
import java.util.Map;

/** The kernels of the loaded image, looked up by name once each. */
final class KernelTable {
    /** A kernel of the image. */
    static final class Kernel {
        private final String name;
        private final long function;
        private int dynamicSharedBytes;

        private Kernel(String name, long function, int dynamicSharedBytes) {
            this.name = name;
            this.function = function;
            this.dynamicSharedBytes = dynamicSharedBytes;
        }

        String name() {
            return name;
        }

        long function() {
            return function;
        }

        /** Asks the driver where a launch needs more dynamic shared memory than the kernel may use so far. */
        void allowDynamicShared(int bytes) {
            if (bytes > dynamicSharedBytes) {
                DriverLaunch.allowDynamicShared(function, bytes);
                dynamicSharedBytes = bytes;
            }
        }
    }

    private final DeviceContext.Module module;
    private final int sharedBytesPerBlock;
    private final Map<String, Kernel> kernels = new HashMap<>();

    KernelTable(DeviceContext.Module module, DeviceProperties properties) {
        this.module = module;
        this.sharedBytesPerBlock = properties.sharedBytesPerBlock();
    }

    Kernel kernel(String name) {
        Kernel known = kernels.get(name);
        if (known != null) {
            return known;
        }
        // Static shared memory counts against the same limit, so the driver is asked before dynamic memory reaches it.
        Kernel found = new Kernel(name, module.function(name), sharedBytesPerBlock / 2);
        kernels.put(name, found);
        return found;
    }
}
