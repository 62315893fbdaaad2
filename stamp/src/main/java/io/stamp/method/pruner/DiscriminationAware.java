package io.stamp.method.pruner;

import io.stamp.engine.Scope;
import io.stamp.method.Need;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import io.stamp.method.reconstruction.GradientSelection;
import io.stamp.method.reconstruction.GroupObjective;
import io.stamp.method.reconstruction.PrunedSoFar;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.LayerAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Discrimination-aware channel pruning: for each group, beginning with no channel, greedily those whose weights in the layers that read them
 * have the gradient of the largest Frobenius norm, {@code argmax_j |dL/dW_j|_F} with {@code L = L_M + lambda L_S}; after that the weights of
 * the chosen channels are trained for L (Zhuang et al., "Discrimination-aware Channel Pruning for Deep Neural Networks", arXiv 1810.11809,
 * algorithms 1 and 2). L_M is the squared error of what these layers put out, L_S the cross-entropy of the next of the auxiliary classifiers,
 * which stand at even distances in the network. Unlike in the paper, several channels come in at a time, Adam trains the weights for a few
 * steps, and the auxiliary classifiers are fitted while the network before them is not fine-tuned; uniform shares say how many channels
 * stay.
 */
public final class DiscriminationAware implements Pruner {
    private static final int STREAM = 2002;

    static final Setting IMAGES = Setting.whole("dcp.images", 256, 2, "target images that are looked at");
    static final Setting BATCH = Setting.whole("dcp.batch", 64, 1, "images of a batch");
    static final Setting CLASSIFIERS =
            Setting.whole("dcp.classifiers", 2, 0, "auxiliary classifiers inside the network");
    static final Setting LAMBDA = Setting.real("dcp.lambda", 1, 0, 1e6, "factor of the classification loss");
    static final Setting ROUNDS = Setting.whole("dcp.rounds", 4, 1, "rounds in which a group's channels are chosen");
    static final Setting STEPS = Setting.whole("dcp.steps", 4, 0, "training steps after each round");
    static final Setting RATE = Setting.real("dcp.rate", 1e-3, 1e-9, 1, "learning rate of these steps");

    @Override
    public String name() {
        return "dcp";
    }

    @Override
    public String source() {
        return "Zhuang et al., arXiv 1810.11809";
    }

    @Override
    public String explanation() {
        return "the channels with the largest gradients of reconstruction error and auxiliary classification losses, one after another";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS);
    }

    @Override
    public List<Setting> settings() {
        return List.of(IMAGES, BATCH, CLASSIFIERS, LAMBDA, ROUNDS, STEPS, RATE);
    }

    @Override
    public Pruned prune(PruningTask task) {
        try (Scope scope = Scope.open()) {
            PrunedSoFar network = new PrunedSoFar(task);
            List<int[]> batches = batches(task);
            List<String> places = places(task);
            network.forEachGroup(group -> select(task, network, group, batches, places));
            return network.result(scope, Map.of());
        }
    }

    private static List<int[]> batches(PruningTask task) {
        int[] images = task.sample(STREAM, task.settings().whole(IMAGES));
        int size = task.settings().whole(BATCH);
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < images.length; from += size) {
            batches.add(Arrays.copyOfRange(images, from, Math.min(from + size, images.length)));
        }
        return batches;
    }

    /** Layers at even distances; the last one makes the logits, which have a loss of their own. */
    static List<String> places(PruningTask task) {
        List<String> layers =
                task.groups().readers().stream().map(LayerAxis::layer).toList();
        int count = task.settings().whole(CLASSIFIERS);
        List<String> places = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String layer = layers.get((int) Math.round((double) i * (layers.size() - 1) / (count + 1)));
            if (!places.contains(layer)) {
                places.add(layer);
            }
        }
        return places;
    }

    private static void select(
            PruningTask task, PrunedSoFar network, ChannelGroup group, List<int[]> batches, List<String> places) {
        Settings settings = task.settings();
        GroupObjective objective = new GroupObjective(task, network, group, batches, places, settings.real(LAMBDA));
        GradientSelection selection =
                new GradientSelection(group, task.groups().layout(), objective, settings.real(RATE));
        int rounds = settings.whole(ROUNDS);
        for (int round = 1; round <= rounds; round++) {
            selection.choose((int) ((long) network.width(group) * round / rounds));
            selection.train(settings.whole(STEPS));
        }
        boolean[] keeps = network.keepBest(group, selection.scores());
        selection
                .weights(keeps)
                .forEach((name, values) ->
                        network.replaceWeights(name.substring(0, name.length() - ".weight".length()), values));
    }
}
