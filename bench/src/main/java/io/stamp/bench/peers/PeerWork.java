package io.stamp.bench.peers;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.Sizes;
import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.model.ModelFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options that say what engines are compared at; used with {@code @Mixin}. */
public final class PeerWork {
    private static final int USUAL_BATCH = 64;

    /** Full and pruned, as in the project's targets. */
    private static final List<String> USUAL_NETWORKS =
            List.of("resnet20", "resnet20:0.4", "resnet18", "resnet18:0.3", "vgg19", "vgg19:0.3");

    /** The 3x3 convolutions that such networks consist of. */
    private static final List<String> USUAL_CONVOLUTIONS = List.of(
            "32x32x32x64x64x3x1",
            "32x16x16x128x128x3x1",
            "32x8x8x256x256x3x1",
            "32x4x4x512x512x3x1",
            "32x2x2x512x512x3x1",
            "32x32x32x16x16x3x1",
            "32x32x32x3x64x3x1");

    private static final List<String> USUAL_GEMMS = List.of("1024x1024x1024", "980x1024x1024");

    /** What networks are compared at. */
    public enum Mode {
        /** Steps of training. */
        TRAIN,
        /** Logits of a batch. */
        INFER,
        /** Logits of one image on one thread. */
        SINGLE;

        /** As the user writes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One comparison.
     *
     * @param threads for everybody
     * @param choice whether engines that may be faster on one thread get that as well
     */
    public record Round(Workload workload, int threads, boolean choice) {}

    @Option(
            names = "--models",
            paramLabel = NamedNetwork.FORM,
            split = ",",
            description =
                    "Networks of 10 classes with random weights, with a width factor on their channels: resnet20,resnet20:0.4.")
    private List<String> models = new ArrayList<>();

    @ReadsFile
    @Option(
            names = "--checkpoint",
            paramLabel = "FILE",
            description = "A saved network, full or compacted; can be repeated.")
    private List<Path> checkpoints = new ArrayList<>();

    @Option(
            names = "--modes",
            paramLabel = "MODE",
            split = ",",
            description =
                    "Modes of networks, from ${COMPLETION-CANDIDATES}: training on a batch, inference on a batch,"
                            + " inference on one image on one thread (default: all). Without other work given, only networks are compared.")
    private List<Mode> modes;

    @Option(names = "--batch", paramLabel = "N", description = "Batch size of networks (default: " + USUAL_BATCH + ").")
    private Integer batch;

    @Option(
            names = "--conv",
            paramLabel = Sizes.CONVOLUTION,
            description = "A convolution, forward and with both gradients; can be repeated.")
    private List<String> convolutions = new ArrayList<>();

    @Option(names = "--convs", description = "The 3x3 convolutions that the built-in networks consist of.")
    private boolean usualConvolutions;

    @Option(
            names = "--gemm",
            paramLabel = Sizes.GEMM,
            description = "A GEMM: an MxK matrix times a KxN matrix; can be repeated.")
    private List<String> gemms = new ArrayList<>();

    private boolean hasNetworks() {
        return !models.isEmpty() || !checkpoints.isEmpty();
    }

    private boolean hasLayers() {
        return !convolutions.isEmpty() || usualConvolutions || !gemms.isEmpty();
    }

    /** Images a batch of a network, at least 1. */
    public int batch() {
        int images = batch == null ? USUAL_BATCH : batch;
        if (images < 1) {
            throw new StampException("--batch is " + images + "; give at least 1.");
        }
        return images;
    }

    /**
     * The comparisons that were asked for; the usual ones where there are none, unless memory is compared.
     *
     * @param memory whether memory is compared as well, at a network of its own
     * @param backend where the networks of checkpoints are put, in the innermost scope
     * @throws StampException where an option has no work to act on
     */
    public List<Round> rounds(boolean memory, int threads, long seed, Backend backend) {
        boolean usual = !memory && !hasNetworks() && !hasLayers();
        requireNetworks(usual, memory);
        List<NetworkCase> networks = new ArrayList<>();
        (usual ? USUAL_NETWORKS : models).forEach(name -> networks.add(named(name, seed)));
        for (Path file : checkpoints) {
            networks.add(NetworkCase.of(
                    file.getFileName().toString(), ModelFile.load(file, backend).model()));
        }
        List<Round> rounds = new ArrayList<>(networkRounds(networks, threads));
        rounds.addAll(layerRounds(usual && modes == null, threads));
        return rounds;
    }

    private void requireNetworks(boolean usual, boolean memory) {
        boolean networks = usual || hasNetworks();
        if (modes != null && !networks) {
            throw new StampException("--modes belongs to networks, and no network is compared; give some with --models"
                    + " or omit it.");
        }
        if (batch != null && !networks && !memory) {
            throw new StampException("--batch belongs to networks, and no network is compared; give some with --models"
                    + " or omit it.");
        }
    }

    private List<Round> layerRounds(boolean usual, int threads) {
        List<Round> rounds = new ArrayList<>();
        List<String> convs = new ArrayList<>(usual || usualConvolutions ? USUAL_CONVOLUTIONS : List.of());
        convs.addAll(convolutions);
        for (boolean gradients : new boolean[] {false, true}) {
            for (String conv : convs) {
                ConvGeometry geometry = Sizes.convolution("--conv ", conv);
                rounds.add(new Round(new Workload.Convolution(geometry, gradients), threads, false));
            }
        }
        for (String gemm : usual ? USUAL_GEMMS : gemms) {
            int[] s = Sizes.gemm("--gemm ", gemm);
            rounds.add(new Round(new Workload.Gemm(s[0], s[1], s[2]), threads, false));
        }
        return rounds;
    }

    private List<Round> networkRounds(List<NetworkCase> networks, int threads) {
        List<Round> rounds = new ArrayList<>();
        Set<Mode> wanted = modes == null ? EnumSet.allOf(Mode.class) : EnumSet.copyOf(modes);
        for (Mode mode : wanted) {
            for (NetworkCase network : networks) {
                rounds.add(
                        switch (mode) {
                            case TRAIN -> new Round(new Workload.TrainStep(network, batch()), threads, true);
                            case INFER -> new Round(new Workload.Inference(network, batch()), threads, true);
                            case SINGLE -> new Round(new Workload.Inference(network, 1), 1, false);
                        });
            }
        }
        return rounds;
    }

    /** A network with random weights from {@code NAME} or {@code NAME:WIDTH}. */
    public static NetworkCase named(String text, long seed) {
        NamedNetwork network = NamedNetwork.parse("--models ", text);
        return NetworkCase.random(network.label(), network.create(), seed);
    }
}
