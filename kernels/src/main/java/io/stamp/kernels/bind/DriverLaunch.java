package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/** Launches of kernels. */
public final class DriverLaunch {
    private static final int MAXIMAL_DYNAMIC_SHARED_BYTES = 8;

    private static final NativeFunction SET_ATTRIBUTE =
            Driver.function("cuFuncSetAttribute", JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final NativeFunction LAUNCH = Driver.function(
            "cuLaunchKernel",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);

    private DriverLaunch() {}

    /** Lets a kernel use that much dynamic shared memory, beyond what every kernel may. */
    public static void allowDynamicShared(long function, int bytes) {
        SET_ATTRIBUTE.call(function, MAXIMAL_DYNAMIC_SHARED_BYTES, bytes);
    }

    /**
     * Launches a kernel.
     *
     * @param function handle of the kernel
     * @param parameters address of the array of addresses of the parameters
     * @return the status; the caller knows the kernel's name
     */
    public static int launch(
            long function,
            int blocksX,
            int blocksY,
            int blocksZ,
            int threadsX,
            int threadsY,
            int dynamicSharedBytes,
            long stream,
            long parameters) {
        try {
            return (int) LAUNCH.handle()
                    .invokeExact(
                            function,
                            blocksX,
                            blocksY,
                            blocksZ,
                            threadsX,
                            threadsY,
                            1,
                            dynamicSharedBytes,
                            stream,
                            parameters,
                            0L);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
    }

    /** The exception for a status of {@link #launch}, in terms of the kernel's name. */
    public static CudaException failure(int status, String kernel, String grid) {
        return LAUNCH.failure(status, kernel, grid);
    }
}
