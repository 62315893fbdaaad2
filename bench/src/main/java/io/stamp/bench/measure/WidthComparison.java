package io.stamp.bench.measure;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.engine.Backend;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.hardware.Cpu;
import io.stamp.engine.nn.Network;
import io.stamp.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code throughput} reports when it is asked for nothing in particular: how much of the arithmetic that a narrow network
 * saves turns into speed.
 *
 * @param results one per mode and width
 * @param graphs whether steps were launched as graphs
 * @param device what the backend computes on
 */
public record WidthComparison(
        String model,
        int batch,
        int threads,
        String backend,
        boolean graphs,
        String device,
        List<Result> results,
        Provenance provenance) {

    private static final String MODEL = "resnet20";
    private static final double[] WIDTHS = {1, 0.4};

    /** Shares of the time asked for, so that the default of 5 s gives the whole report within a minute on a busy machine too. */
    private static final double WARM_UP = 1;

    private static final double MEASURING = 0.8;

    /**
     * One network in one mode.
     *
     * @param imagesPerSecond median, with percentiles beside it
     * @param speedUp images/s over those of the full network, median over the turns
     * @param macRatio MACs of the full network over those of this one
     * @param efficiency speed-up over MAC ratio: 1 where all saved arithmetic is saved time
     */
    public record Result(
            String mode,
            double width,
            long parameters,
            long macs,
            double imagesPerSecond,
            double p10,
            double p90,
            double speedUp,
            double macRatio,
            double efficiency) {}

    public static WidthComparison measure(
            Backend backend,
            List<Throughput.Mode> modes,
            int batch,
            boolean graphs,
            double seconds,
            int threads,
            Provenance provenance) {
        List<Model> models = new ArrayList<>();
        for (double width : WIDTHS) {
            models.add(Model.init(backend, new NamedNetwork(MODEL, width).create(), provenance.seed()));
        }
        List<Result> results = new ArrayList<>();
        Effort effort = Effort.warmedUp(WARM_UP / MEASURING, MEASURING * seconds, 1);
        for (Throughput.Mode mode : modes) {
            Stopwatch.Comparison rates = Throughput.compare(models, mode, batch, graphs, effort);
            for (int i = 0; i < models.size(); i++) {
                results.add(result(
                        mode,
                        models.get(i),
                        models.getFirst(),
                        rates.rates().get(i),
                        rates.speedUps().get(i).median()));
            }
        }
        return new WidthComparison(
                MODEL, batch, threads, backend.name(), graphs, backend.description(), List.copyOf(results), provenance);
    }

    private static Result result(Throughput.Mode mode, Model model, Model full, Rate rate, double speedUp) {
        Network.Trace trace = model.network().trace();
        double macRatio = (double) full.network().trace().multiplyAccumulates() / trace.multiplyAccumulates();
        return new Result(
                mode.toString(),
                model.network().width(),
                trace.parameterCount(),
                trace.multiplyAccumulates(),
                rate.median(),
                rate.p10(),
                rate.p90(),
                speedUp,
                macRatio,
                speedUp / macRatio);
    }

    /** For people. */
    public List<String> lines() {
        TextTable table = new TextTable(
                "mode", "width", "parameters", "MACs", "images/s", "p10", "p90", "speed-up", "MAC ratio", "efficiency");
        for (Result result : results) {
            table.row(
                    result.mode,
                    String.valueOf(result.width),
                    Numbers.count(result.parameters),
                    Numbers.millions(result.macs),
                    Numbers.rate(result.imagesPerSecond),
                    Numbers.rate(result.p10),
                    Numbers.rate(result.p90),
                    Numbers.rate(result.speedUp),
                    Numbers.rate(result.macRatio),
                    Numbers.rate(result.efficiency));
        }
        List<String> lines = new ArrayList<>();
        lines.add(model + ", batch " + batch + ", " + threads + " threads, backend " + backend
                + (graphs ? ", steps as graphs" : "") + ": " + device);
        lines.add(Cpu.detect().model() + ", Java " + System.getProperty("java.version"));
        lines.add("");
        lines.addAll(table.lines());
        lines.add("");
        lines.add("efficiency = measured speed-up / MAC ratio; 1 means that all arithmetic saved is time saved.");
        return lines;
    }
}
