package io.stamp.bench.gpu;

import io.stamp.kernels.device.Precision;
import java.util.Map;

/**
 * The fastest that the device can be, measured in the same run.
 *
 * @param bytesPerSecond of a copy of one tensor to another, bytes read and bytes written together, by where both are
 * @param flopsPerSecond of a large GEMM by cuBLASLt, for each precision
 */
record Ceilings(Map<Residence, Double> bytesPerSecond, Map<Precision, Double> flopsPerSecond) {
    /** The shortest time for so much work, in seconds. */
    double seconds(double flops, double bytes, Precision precision, Residence residence) {
        return Math.max(flops / flopsPerSecond.get(precision), bytes / bytesPerSecond.get(residence));
    }
}
