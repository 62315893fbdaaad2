package io.stamp.bench.command;

import io.stamp.bench.peers.NetworkCase;
import io.stamp.bench.peers.Workload;
import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options that say what engines are compared at; used with {@code @Mixin}. */
final class PeerWork {
    private static final int CLASSES = 10;

    /** Full and pruned, as in the project's targets. */
    private static final List<String> USUAL_NETWORKS =
            List.of("resnet20", "resnet20:0.4", "resnet18", "resnet18:0.3", "vgg19", "vgg19:0.3");

    /** The 3x3 convolutions that such networks consist of: N,H,W,C,O,K,STRIDE. */
    private static final List<String> USUAL_CONVOLUTIONS = List.of(
            "32,32,32,64,64,3,1",
            "32,16,16,128,128,3,1",
            "32,8,8,256,256,3,1",
            "32,4,4,512,512,3,1",
            "32,2,2,512,512,3,1",
            "32,32,32,16,16,3,1",
            "32,32,32,3,64,3,1");

    private static final List<String> USUAL_PRODUCTS = List.of("1024,1024,1024", "980,1024,1024");

    /** What networks are compared at. */
    enum Mode {
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
    record Round(Workload workload, int threads, boolean choice) {}

    @Option(
            names = "--models",
            paramLabel = "NAME[:WIDTH]",
            split = ",",
            description =
                    "Networks of 10 classes with random weights, with a factor on their channels: resnet20,resnet20:0.4.")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--checkpoint",
            paramLabel = "FILE",
            description = "A saved network, full or compacted; may be given several times.")
    private List<Path> checkpoints = new ArrayList<>();

    @Option(
            names = "--modes",
            paramLabel = "MODE",
            split = ",",
            description = "What networks do, of ${COMPLETION-CANDIDATES}: train a batch, answer a batch, answer one"
                    + " image on one thread (default: all).")
    private List<Mode> modes = List.of(Mode.values());

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Images a batch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--conv",
            paramLabel = "N,H,W,C,O,K,STRIDE",
            description = "A convolution, forward and with both gradients; may be given several times.")
    private List<String> convolutions = new ArrayList<>();

    @Option(names = "--convs", description = "The 3x3 convolutions that the built-in networks consist of.")
    private boolean usualConvolutions;

    @Option(
            names = "--gemm",
            paramLabel = "M,N,K",
            description = "The product of an MxK by a KxN matrix; may be given several times.")
    private List<String> products = new ArrayList<>();

    private boolean isEmpty() {
        return models.isEmpty()
                && checkpoints.isEmpty()
                && convolutions.isEmpty()
                && !usualConvolutions
                && products.isEmpty();
    }

    int batch() {
        return batch;
    }

    /**
     * The comparisons that were asked for.
     *
     * @param usual whether the usual ones are made where none was asked for
     * @param backend where the networks of checkpoints are put, in the innermost scope
     */
    List<Round> rounds(boolean usual, int threads, long seed, Backend backend) {
        if (batch < 1) {
            throw new StampException("The batch to compare at has " + batch + " images; give at least 1.");
        }
        boolean everything = usual && isEmpty();
        List<NetworkCase> networks = new ArrayList<>();
        (everything ? USUAL_NETWORKS : models).forEach(name -> networks.add(named(name, seed)));
        for (Path file : checkpoints) {
            networks.add(NetworkCase.of(
                    file.getFileName().toString(), ModelFile.load(file, backend).model()));
        }
        List<Round> rounds = new ArrayList<>(networkRounds(networks, threads));
        List<String> convs = new ArrayList<>(everything || usualConvolutions ? USUAL_CONVOLUTIONS : List.of());
        convs.addAll(convolutions);
        for (boolean gradients : new boolean[] {false, true}) {
            for (String conv : convs) {
                ConvGeometry geometry = Sizes.convolution("--conv", conv);
                rounds.add(new Round(new Workload.Convolution(geometry, gradients), threads, false));
            }
        }
        for (String product : everything ? USUAL_PRODUCTS : products) {
            int[] s = Sizes.product("--gemm", product);
            rounds.add(new Round(new Workload.Product(s[0], s[1], s[2]), threads, false));
        }
        return rounds;
    }

    private List<Round> networkRounds(List<NetworkCase> networks, int threads) {
        List<Round> rounds = new ArrayList<>();
        Set<Mode> wanted = EnumSet.copyOf(modes);
        for (Mode mode : wanted) {
            for (NetworkCase network : networks) {
                rounds.add(
                        switch (mode) {
                            case TRAIN -> new Round(new Workload.TrainStep(network, batch), threads, true);
                            case INFER -> new Round(new Workload.Inference(network, batch), threads, true);
                            case SINGLE -> new Round(new Workload.Inference(network, 1), 1, false);
                        });
            }
        }
        return rounds;
    }

    /** A network from {@code name} or {@code name:width}. */
    static NetworkCase named(String text, long seed) {
        String[] parts = text.split(":", -1);
        double width = 1;
        if (parts.length > 1) {
            if (parts.length > 2 || !parts[1].matches("\\d{0,3}\\.?\\d{1,6}")) {
                throw new StampException("--models " + text + " is not NAME or NAME:WIDTH; write resnet20:0.4.");
            }
            width = Double.parseDouble(parts[1]);
        }
        String label = parts.length > 1 ? parts[0] + " x" + parts[1] : parts[0];
        return NetworkCase.random(label, Models.create(parts[0], CLASSES, width), seed);
    }
}
