package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;
import io.stamp.kernels.device.Precision;

/**
 * How fast one kernel was.
 *
 * @param tensorsIn where the tensors are, a {@link Residence}, which the ceiling depends on
 * @param algorithm the name of the algorithm that was chosen, where there are several; else empty
 * @param microseconds of a call, median
 * @param p10 a tenth of the samples took less
 * @param p90 a tenth of the samples took more
 * @param teraflops a second; 0 where only moving memory counts
 * @param gigabytes a second, every input and output counted once
 * @param shareOfCeiling the shortest time by the ceilings of this run over the measured one
 */
record KernelResult(
        String kernel,
        String shape,
        String tensorsIn,
        String precision,
        String algorithm,
        double microseconds,
        double p10,
        double p90,
        double teraflops,
        double gigabytes,
        double shareOfCeiling) {
    static KernelResult of(
            String kernel,
            String shape,
            Residence residence,
            Precision precision,
            double flops,
            double bytes,
            Rate calls,
            Ceilings ceilings) {
        return new KernelResult(
                kernel,
                shape,
                residence.toString(),
                Devices.word(precision),
                "",
                1e6 / calls.median(),
                1e6 / calls.p90(),
                1e6 / calls.p10(),
                flops * calls.median() / 1e12,
                bytes * calls.median() / 1e9,
                ceilings.seconds(flops, bytes, precision, residence) * calls.median());
    }

    KernelResult by(String chosenAlgorithm) {
        return new KernelResult(
                kernel,
                shape,
                tensorsIn,
                precision,
                chosenAlgorithm,
                microseconds,
                p10,
                p90,
                teraflops,
                gigabytes,
                shareOfCeiling);
    }
}
