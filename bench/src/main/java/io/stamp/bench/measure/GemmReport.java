package io.stamp.bench.measure;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.Sizes;
import io.stamp.engine.checkpoint.Provenance;
import java.util.List;

/**
 * What {@code throughput --gemm} reports; rates in GFLOP/s, a multiplication and an addition counting as two.
 *
 * @param gemm in the form {@link Sizes#GEMM}, as it was given
 * @param gflops median
 */
public record GemmReport(
        String gemm, double gflops, double p10, double p90, int threads, String backend, Provenance provenance) {

    public static GemmReport of(String gemm, Rate rate, int threads, String backend, Provenance provenance) {
        return new GemmReport(gemm, rate.median(), rate.p10(), rate.p90(), threads, backend, provenance);
    }

    /** For people. */
    public List<String> lines() {
        return List.of(
                "GEMM " + Sizes.GEMM + " = " + gemm + ", backend " + backend + ", " + threads + " threads",
                Numbers.rate(gflops) + " GFLOP/s (p10 " + Numbers.rate(p10) + ", p90 " + Numbers.rate(p90) + ")");
    }
}
