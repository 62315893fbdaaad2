package io.stamp.bench.measure;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.Sizes;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.checkpoint.Provenance;
import java.util.List;

/**
 * What {@code throughput --conv} reports; rates in GFLOP/s, a multiplication and an addition counting as two.
 *
 * @param conv in the form {@link Sizes#CONVOLUTION}, as it was given
 * @param macs multiply-accumulate operations of the convolution, all images
 * @param gflopsForward median of 2 x MACs over the time of the convolution
 * @param gflopsForwardBackward median of 6 x MACs over the time of the convolution and both its gradients
 */
public record ConvolutionReport(
        String conv,
        long macs,
        double gflopsForward,
        double gflopsForwardP10,
        double gflopsForwardP90,
        double gflopsForwardBackward,
        double gflopsForwardBackwardP10,
        double gflopsForwardBackwardP90,
        int threads,
        String backend,
        Provenance provenance) {

    public static ConvolutionReport of(
            String conv,
            ConvGeometry geometry,
            LayerThroughput.Convolution rates,
            int threads,
            String backend,
            Provenance provenance) {
        return new ConvolutionReport(
                conv,
                geometry.macs(),
                rates.forward().median(),
                rates.forward().p10(),
                rates.forward().p90(),
                rates.forwardBackward().median(),
                rates.forwardBackward().p10(),
                rates.forwardBackward().p90(),
                threads,
                backend,
                provenance);
    }

    /** For people. */
    public List<String> lines() {
        return List.of(
                "convolution " + Sizes.CONVOLUTION + " = " + conv + ", backend " + backend + ", " + threads
                        + " threads",
                "forward             " + Numbers.rate(gflopsForward) + " GFLOP/s",
                "forward + backward  " + Numbers.rate(gflopsForwardBackward) + " GFLOP/s");
    }
}
