package io.stamp.kernels.device;

import java.util.Locale;

/**
 * What a device is; sizes in bytes.
 *
 * @param major first number of the compute capability
 * @param minor second number of the compute capability
 * @param sharedBytesPerBlock shared memory that a block may use without asking
 * @param sharedBytesPerBlockOptIn shared memory that a block may use after its kernel has asked
 * @param l2Bytes second-level cache
 * @param memoryBytes memory of the device
 * @param clockKilohertz peak clock of the multiprocessors
 * @param memoryClockKilohertz peak clock of the memory
 * @param memoryBusBits width of the memory bus
 */
public record DeviceProperties(
        String name,
        int major,
        int minor,
        int multiprocessors,
        int warpSize,
        int maximalThreadsPerBlock,
        int sharedBytesPerBlock,
        int sharedBytesPerBlockOptIn,
        int l2Bytes,
        long memoryBytes,
        int clockKilohertz,
        int memoryClockKilohertz,
        int memoryBusBits) {
    /** The compute capability as compilers write it, such as {@code sm_90}. */
    public String architecture() {
        return "sm_" + major + minor;
    }

    /** One line for people and provenance. */
    public String description() {
        return String.format(
                Locale.ROOT,
                "%s (%s, %d multiprocessors, %.1f GiB)",
                name,
                architecture(),
                multiprocessors,
                memoryBytes / (double) (1L << 30));
    }
}
