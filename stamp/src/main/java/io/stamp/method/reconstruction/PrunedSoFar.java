package io.stamp.method.reconstruction;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.Pruned;
import io.stamp.method.PruningTask;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A network that is pruned group by group: which channels stay in the groups that were decided, what they are multiplied by, and weights
 * that were changed. How many channels of each group stay is known from the beginning, a uniform share. Batch-norm has the moments of the
 * full network on the target all along, as the papers freeze it.
 */
public final class PrunedSoFar {
    private static final int BATCH = 64;
    private static final int BATCHES = 10;

    private final PruningTask task;
    private final Model full;
    private final PlanSearch search;
    private final SortedMap<String, Integer> widths;
    private final Map<String, double[]> scores = new TreeMap<>();
    private final Map<String, boolean[]> keeps = new TreeMap<>();
    private final Map<String, double[]> gates = new TreeMap<>();
    private final Map<String, double[]> scales = new TreeMap<>();
    private final Map<String, double[]> weights = new TreeMap<>();

    /** Nothing is decided yet; some tensors are owned by the innermost scope. */
    public PrunedSoFar(PruningTask task) {
        this.task = task;
        this.full = task.model().on(task.model().backend());
        Evaluator.recalibrate(
                full.backend(),
                full,
                task.target().train(),
                task.target().normalisation(),
                BATCH,
                BATCHES,
                task.seed());
        this.search = new PlanSearch(task.groups());
        Map<String, double[]> any = PlanSearch.randomScores(task.groups(), task.seed());
        this.widths = search.byUniformRatio(any, task.budget(), task.seed()).widths();
        task.groups().sizes().forEach((group, size) -> {
            scores.put(group, new double[size]);
            double[] ones = new double[size];
            Arrays.fill(ones, 1);
            gates.put(group, ones);
        });
    }

    /** The unpruned network. */
    public Model full() {
        return full;
    }

    /** How many channels of a group are to stay. */
    public int width(ChannelGroup group) {
        return widths.get(group.name());
    }

    /** Prunes all groups in the order of the network; channels of groups that come later are all there. */
    public void forEachGroup(Consumer<ChannelGroup> decision) {
        List<ChannelGroup> prunable = task.groups().prunable();
        task.progress().start("choosing channels", prunable.size(), "groups");
        try {
            for (int i = 0; i < prunable.size(); i++) {
                try (Scope _ = Scope.open()) {
                    decision.accept(prunable.get(i));
                }
                task.progress().advance(i + 1, prunable.get(i).name());
            }
        } finally {
            task.progress().finish();
        }
    }

    /** The network as it is by now; owned by the innermost scope. */
    public MaskedModel masked() {
        Map<String, Tensor> tensors = new TreeMap<>();
        gates.forEach((group, values) -> tensors.put(group, vector(values)));
        return new MaskedModel(task.groups(), changed(full), tensors);
    }

    private Tensor vector(double[] values) {
        return Tensor.of(full.backend(), Shape.of(values.length), values);
    }

    private Model changed(Model model) {
        if (weights.isEmpty()) {
            return model;
        }
        Map<String, Tensor> parameters = new TreeMap<>(model.parameters().asMap());
        weights.forEach((layer, values) -> {
            String name = layer + ".weight";
            parameters.put(name, Tensor.of(model.backend(), parameters.get(name).shape(), values));
        });
        return model.withParameters(new Parameters(parameters));
    }

    /** Whether each channel of a group stays; empty while that is not decided. */
    public Optional<boolean[]> keeps(ChannelGroup group) {
        return Optional.ofNullable(keeps.get(group.name()));
    }

    /** Decides a group: its best channels stay. Returns for each channel whether it does. */
    public boolean[] keepBest(ChannelGroup group, double[] own) {
        scores.put(group.name(), own);
        boolean[] kept = new boolean[group.size()];
        plan().kept().get(group.name()).forEach(k -> kept[k] = true);
        keeps.put(group.name(), kept);
        gates.put(
                group.name(),
                IntStream.range(0, kept.length)
                        .mapToDouble(k -> kept[k] ? 1 : 0)
                        .toArray());
        return kept;
    }

    private PruningPlan plan() {
        return search.byWidths(scores, widths, Optional.of(task.budget()), "a uniform share");
    }

    /** Multiplies the channels of a decided group where they are read. */
    public void scale(ChannelGroup group, double[] factors) {
        double[] values = gates.get(group.name());
        Arrays.setAll(values, k -> values[k] * factors[k]);
        scales.put(group.name(), factors);
    }

    /** A copy of a layer's weights as they are by now. */
    public double[] weights(String layer) {
        double[] replaced = weights.get(layer);
        return replaced != null
                ? replaced.clone()
                : full.parameters().get(layer + ".weight").doubles();
    }

    public void replaceWeights(String layer, double[] changed) {
        weights.put(layer, changed);
    }

    /** What was decided; tensors are owned by the scope that encloses the given one. */
    public Pruned result(Scope scope, Map<String, Object> details) {
        Model start = changed(task.model());
        weights.keySet().forEach(layer -> scope.keep(start.parameters().get(layer + ".weight")));
        Map<String, Tensor> kept = new TreeMap<>();
        scales.forEach((group, values) -> kept.put(group, scope.keep(vector(values))));
        return new Pruned(Optional.of(plan()), start, scores, kept, Parameters.empty(), details);
    }
}
