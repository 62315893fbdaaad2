package io.stamp.bench.measure;

import io.stamp.bench.cli.Numbers;
import io.stamp.engine.Backend;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.model.Model;
import java.util.List;
import java.util.OptionalLong;

/**
 * What {@code throughput} reports of one network.
 *
 * @param imagesPerSecond median over the steps
 * @param p10 a tenth of the steps were slower, images per second
 * @param p90 a tenth of the steps were faster, images per second
 * @param samples number of steps, or of short runs of very short steps
 * @param input the images it takes: height, width, channels
 * @param graphs whether steps were launched as graphs
 * @param parameters convolution and linear weights, biases, batch-norm scales and shifts
 * @param macs multiply-accumulate operations of convolutions and linear layers, per image, forward
 * @param peakTensorBytes the most that tensors occupied at once
 * @param residentSetBytes main memory of the whole process at the end; null where the system does not tell
 */
public record ModelThroughput(
        double imagesPerSecond,
        double p10,
        double p90,
        int samples,
        String model,
        double width,
        String input,
        int classes,
        String mode,
        int batch,
        int threads,
        String backend,
        boolean graphs,
        long parameters,
        long macs,
        long peakTensorBytes,
        Long residentSetBytes,
        Provenance provenance) {

    public static ModelThroughput measure(
            Model model,
            Throughput.Mode mode,
            int batch,
            boolean graphs,
            Effort effort,
            int threads,
            Provenance provenance) {
        Rate rate = Throughput.measure(model, mode, batch, graphs, effort);
        Network network = model.network();
        Network.Trace trace = network.trace();
        Backend backend = model.backend();
        OptionalLong resident = ProcessMemory.residentBytes();
        return new ModelThroughput(
                rate.median(),
                rate.p10(),
                rate.p90(),
                rate.samples(),
                network.model(),
                network.width(),
                network.input().toString(),
                network.classes(),
                mode.toString(),
                batch,
                threads,
                backend.name(),
                graphs,
                trace.parameterCount(),
                trace.multiplyAccumulates(),
                backend.memory().peakBytes(),
                resident.isPresent() ? resident.getAsLong() : null,
                provenance);
    }

    /** For people. */
    public List<String> lines() {
        return List.of(
                model + " width " + width + " on " + input + ", " + mode + ", batch " + batch + ", backend " + backend
                        + ", " + threads + " threads" + (graphs ? ", steps as graphs" : ""),
                Numbers.rate(imagesPerSecond) + " images/s (p10 " + Numbers.rate(p10) + ", p90 " + Numbers.rate(p90)
                        + ", " + samples + " samples)",
                Numbers.count(parameters) + " parameters, " + Numbers.millions(macs) + " MACs an image",
                "tensors at most " + Numbers.mebibytes(peakTensorBytes) + ", process "
                        + (residentSetBytes == null ? "unknown" : Numbers.mebibytes(residentSetBytes)));
    }
}
