package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.FileHash;
import io.stamp.bench.cli.InputOption;
import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.Results;
import io.stamp.bench.cli.Seconds;
import io.stamp.bench.cli.Sizes;
import io.stamp.bench.measure.ConvolutionReport;
import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.GemmReport;
import io.stamp.bench.measure.LayerThroughput;
import io.stamp.bench.measure.ModelThroughput;
import io.stamp.bench.measure.Rate;
import io.stamp.bench.measure.Throughput;
import io.stamp.bench.measure.WidthComparison;
import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how fast a network, a saved network, or a single layer is. */
@Command(
        name = "throughput",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the images per second of a network in training or inference, or the arithmetic rate of a single layer.",
            "Without a network or layer: ResNet-20 against ResNet-20 of width 0.4, training and inference, in turns."
        })
public final class ThroughputCommand implements Runnable {
    private static final int USUAL_BATCH = 64;

    /** What is measured: one of these, or the comparison. */
    private static final class Subject {
        @Option(
                names = "--model",
                paramLabel = NamedNetwork.FORM,
                completionCandidates = Candidates.ModelNames.class,
                description = "A network of 10 classes with random weights, with a width factor on its channels: "
                        + "${COMPLETION-CANDIDATES}.")
        private String model;

        @ReadsFile
        @Option(names = "--checkpoint", paramLabel = "FILE", description = "A saved network, full or compacted.")
        private Path checkpoint;

        @Option(
                names = "--conv",
                paramLabel = Sizes.CONVOLUTION,
                description =
                        "A convolution of N images of HxW pixels and C channels with O filters of KxK; GFLOP/s forward, and with both gradients.")
        private String conv;

        @Option(
                names = "--gemm",
                paramLabel = Sizes.GEMM,
                description = "A GEMM: an MxK matrix times a KxN matrix; GFLOP/s.")
        private String gemm;
    }

    @ArgGroup(multiplicity = "0..1")
    private Subject subject;

    @Option(
            names = "--width",
            paramLabel = "W",
            description = "Width factor of --model, if that does not give one itself (default: 1).")
    private Double width;

    @Mixin
    private InputOption input;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Batch size of a network (default: " + USUAL_BATCH + ").")
    private Integer batch;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description =
                    "What is measured of a network, ${COMPLETION-CANDIDATES}: forward, backward and a step of SGD with momentum,"
                            + " or the forward pass alone (default: train; both where no network is given).")
    private Throughput.Mode mode;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "5",
            description = "Seconds to measure, after the warm-up (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--graphs",
            paramLabel = "CHOICE",
            description = "${COMPLETION-CANDIDATES}: whether a step is recorded once and launched as one graph"
                    + " (default: on where the backend can do that).")
    private Graphs graphs;

    /** What {@code --graphs} may say. */
    private enum Graphs {
        ON,
        OFF;

        /** As the user writes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        requireUse();
        Seconds.requirePositive("--seconds", seconds);
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            if (subject == null) {
                compareWidths(backend);
            } else if (subject.conv != null) {
                measureConvolution(backend);
            } else if (subject.gemm != null) {
                measureGemm(backend);
            } else {
                measureModel(backend);
            }
        }
    }

    /** An option that would change nothing is a mistake of whoever gave it. */
    private void requireUse() {
        if (width != null && (subject == null || subject.model == null)) {
            throw new StampException("--width belongs to --model; give both or omit it.");
        }
        if (input.isGiven() && (subject == null || subject.model == null)) {
            throw new StampException("--input belongs to --model, since a checkpoint has its own; omit it.");
        }
        if (subject == null || subject.conv == null && subject.gemm == null) {
            return;
        }
        Map<String, Object> ofNetworks = new LinkedHashMap<>();
        ofNetworks.put("--batch", batch);
        ofNetworks.put("--mode", mode);
        ofNetworks.put("--graphs", graphs);
        ofNetworks.forEach((option, value) -> {
            if (value != null) {
                throw new StampException(option + " belongs to networks; omit it: --conv has its images in its size,"
                        + " and its rates are those of the forward pass and of all of training.");
            }
        });
    }

    private int batch() {
        int images = batch == null ? USUAL_BATCH : batch;
        if (images < 1) {
            throw new StampException("--batch is " + images + "; give at least 1.");
        }
        return images;
    }

    private boolean graphs(Backend backend) {
        if (graphs == Graphs.ON && !backend.recordsGraphs()) {
            throw new StampException("The backend " + backend.name() + " has no graphs; omit --graphs on.");
        }
        return graphs != Graphs.OFF && backend.recordsGraphs();
    }

    private void compareWidths(Backend backend) {
        boolean asGraphs = graphs(backend);
        List<Throughput.Mode> modes = mode == null ? List.of(Throughput.Mode.values()) : List.of(mode);
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("batch", batch());
        configuration.put("modes", modes.toString());
        configuration.put("graphs", asGraphs);
        WidthComparison report = WidthComparison.measure(
                backend, modes, batch(), asGraphs, seconds, options.threads(), provenance(backend, configuration));
        print(report.lines(), report);
    }

    private void measureModel(Backend backend) {
        boolean asGraphs = graphs(backend);
        Throughput.Mode chosen = mode == null ? Throughput.Mode.TRAIN : mode;
        Map<String, Object> configuration = new LinkedHashMap<>();
        Model model;
        if (subject.model != null) {
            NamedNetwork network = NamedNetwork.parse("--model ", subject.model, width, 1);
            model = Model.init(backend, input.on(network.create()), options.seed());
        } else {
            model = ModelFile.load(subject.checkpoint, backend).model();
            configuration.put("checkpoint", subject.checkpoint.toString());
            configuration.put("checkpointSha256", FileHash.sha256(subject.checkpoint));
        }
        configuration.put("model", model.network().model());
        configuration.put("width", model.network().width());
        configuration.put("input", model.network().input().toString());
        configuration.put("batch", batch());
        configuration.put("mode", chosen.toString());
        configuration.put("graphs", asGraphs);
        Provenance provenance = provenance(backend, configuration);
        ModelThroughput report = ModelThroughput.measure(
                model, chosen, batch(), asGraphs, Effort.of(seconds), options.threads(), provenance);
        print(report.lines(), report);
    }

    private void measureConvolution(Backend backend) {
        ConvGeometry geometry = Sizes.convolution("--conv ", subject.conv);
        var rates = LayerThroughput.convolution(backend, geometry, Effort.of(seconds));
        ConvolutionReport report = ConvolutionReport.of(
                subject.conv,
                geometry,
                rates,
                options.threads(),
                backend.name(),
                provenance(backend, Map.of("conv", subject.conv)));
        print(report.lines(), report);
    }

    private void measureGemm(Backend backend) {
        int[] s = Sizes.gemm("--gemm ", subject.gemm);
        Rate rate = LayerThroughput.gemm(backend, s[0], s[1], s[2], Effort.of(seconds));
        GemmReport report = GemmReport.of(
                subject.gemm,
                rate,
                options.threads(),
                backend.name(),
                provenance(backend, Map.of("gemm", subject.gemm)));
        print(report.lines(), report);
    }

    private Provenance provenance(Backend backend, Map<String, Object> configuration) {
        return options.provenance(backend, configuration, Map.of());
    }

    private void print(List<String> lines, Object report) {
        Results.print(spec, options, lines, report);
    }
}
