package io.stamp.bench.command;

import io.stamp.bench.CommonOptions;
import io.stamp.bench.OutputFile;
import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.LayerThroughput;
import io.stamp.bench.measure.Rate;
import io.stamp.bench.measure.Throughput;
import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
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
            "Measures how many images a second a network trains on or answers, or the arithmetic rate of a single layer.",
            "Without a network or layer: ResNet-20 against the same at width 0.4, training and inference, in turns."
        })
public final class ThroughputCommand implements Runnable {
    private static final int CLASSES = 10;

    /** What is measured: one of these, or the comparison. */
    private static final class Subject {
        @Option(
                names = "--model",
                paramLabel = "NAME",
                completionCandidates = Candidates.ModelNames.class,
                description = "A network of 10 classes with random weights: ${COMPLETION-CANDIDATES}.")
        private String model;

        @Option(names = "--checkpoint", paramLabel = "FILE", description = "A saved network, full or compacted.")
        private Path checkpoint;

        @Option(
                names = "--conv",
                paramLabel = "N,H,W,C,O,K,STRIDE",
                description =
                        "A convolution of N images HxW with C channels, O filters KxK; GFLOP/s forward and with both gradients.")
        private String conv;

        @Option(names = "--gemm", paramLabel = "M,N,K", description = "The product of an MxK by a KxN matrix; GFLOP/s.")
        private String gemm;
    }

    @ArgGroup(multiplicity = "0..1")
    private Subject subject;

    @Option(
            names = "--width",
            paramLabel = "W",
            description = "Factor on the channels of every group of --model (default: 1).")
    private Double width;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Images a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "train",
            description =
                    "${COMPLETION-CANDIDATES}: forward, backward and a step of SGD with momentum, or the logits alone"
                            + " (default: ${DEFAULT-VALUE}).")
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
            description =
                    "${COMPLETION-CANDIDATES}: whether a step of a network is recorded as a graph and launched as a whole"
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
        options.json().ifPresent(OutputFile::requireWritable);
        if (width != null && (subject == null || subject.model == null)) {
            throw new StampException("--width belongs to --model; give both or leave it away.");
        }
        if (graphs != null && subject != null && (subject.conv != null || subject.gemm != null)) {
            throw new StampException("--graphs belongs to networks, not to --conv or --gemm; leave it away.");
        }
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            if (subject == null) {
                compareWidths(backend);
            } else if (subject.conv != null) {
                measureConvolution(backend);
            } else if (subject.gemm != null) {
                measureProduct(backend);
            } else {
                measureModel(backend);
            }
        }
    }

    private boolean graphs(Backend backend) {
        if (graphs == Graphs.ON && !backend.recordsGraphs()) {
            throw new StampException("The backend " + backend.name() + " has no graphs; leave --graphs on away.");
        }
        return graphs != Graphs.OFF && backend.recordsGraphs();
    }

    private void compareWidths(Backend backend) {
        boolean asGraphs = graphs(backend);
        Provenance provenance = provenance(backend, Map.of("batch", batch, "graphs", asGraphs));
        WidthComparison report =
                WidthComparison.measure(backend, batch, asGraphs, seconds, options.threads(), provenance);
        print(report.lines(), report);
    }

    private void measureModel(Backend backend) {
        boolean asGraphs = graphs(backend);
        Map<String, Object> configuration = new LinkedHashMap<>();
        Model model;
        if (subject.model != null) {
            double factor = width == null ? 1 : width;
            model = Model.init(backend, Models.create(subject.model, CLASSES, factor), options.seed());
        } else {
            model = ModelFile.load(subject.checkpoint, backend).model();
            configuration.put("checkpoint", subject.checkpoint.toString());
            configuration.put("checkpointSha256", FileHash.sha256(subject.checkpoint));
        }
        configuration.put("model", model.network().model());
        configuration.put("width", model.network().width());
        configuration.put("batch", batch);
        configuration.put("mode", mode.toString());
        configuration.put("graphs", asGraphs);
        Provenance provenance = provenance(backend, configuration);
        ModelThroughput report = ModelThroughput.measure(
                model, mode, batch, asGraphs, Effort.of(seconds), options.threads(), provenance);
        print(report.lines(), report);
    }

    private void measureConvolution(Backend backend) {
        ConvGeometry geometry = Sizes.convolution("--conv", subject.conv);
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

    private void measureProduct(Backend backend) {
        int[] s = Sizes.product("--gemm", subject.gemm);
        Rate rate = LayerThroughput.product(backend, s[0], s[1], s[2], Effort.of(seconds));
        ProductReport report = ProductReport.of(
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
