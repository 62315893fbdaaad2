package io.stamp.bench.gpu;

import io.stamp.kernels.device.Precision;
import java.util.Map;

/**
 * The fastest that the device can be, measured in the same run.
 *
 * @param bytesPerSecond of a copy within the device's memory, bytes read and bytes written together
 * @param flopsPerSecond of a large matrix product by cuBLAS, for each precision
 */
record Ceilings(double bytesPerSecond, Map<Precision, Double> flopsPerSecond) {
    /** The shortest time for so much work, in seconds. */
    double seconds(double flops, double bytes, Precision precision) {
        return Math.max(flops / flopsPerSecond.get(precision), bytes / bytesPerSecond);
    }
}
