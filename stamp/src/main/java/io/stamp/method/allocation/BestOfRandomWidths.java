package io.stamp.method.allocation;

import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.FailedException;
import io.stamp.engine.Scope;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.Allocation;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.model.Model;
import io.stamp.prune.Compaction;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The best of several random width vectors of the same budget, by the loss of the small network on target images after its batch-norm
 * statistics were recalibrated on some of them, before any training (Li et al., "EagleEye", arXiv 2007.02491). A vector is drawn as one
 * weight a group, uniform in [0.1, 1], and scaled to the budget.
 */
public final class BestOfRandomWidths implements Allocation {
    private static final int WEIGHT_STREAM = 302;
    private static final int IMAGE_STREAM = 303;
    private static final double LOWEST_WEIGHT = 0.1;
    private static final int RECALIBRATION_BATCH = 64;
    private static final int RECALIBRATION_BATCHES = 10;

    static final Setting CANDIDATES =
            Setting.whole("best-of-random.candidates", 16, 1, "random width vectors that are tried");
    static final Setting IMAGES =
            Setting.whole("best-of-random.images", 1280, 2, "target images that they are compared on");

    @Override
    public String name() {
        return "best-of-random";
    }

    @Override
    public String source() {
        return "after Li et al., arXiv 2007.02491";
    }

    @Override
    public String explanation() {
        return "the best of several random shares by the loss before training";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS);
    }

    @Override
    public List<Setting> settings() {
        return List.of(CANDIDATES, IMAGES);
    }

    @Override
    public PruningPlan plan(PruningTask task, Scores scores) {
        int candidates = task.settings().whole(CANDIDATES);
        ImageSet images = task.target()
                .train()
                .select(task.sample(IMAGE_STREAM, task.settings().whole(IMAGES)));
        PlanSearch search = new PlanSearch(task.groups());
        PruningPlan best = null;
        double lowest = Double.POSITIVE_INFINITY;
        task.progress().start("random widths", candidates, "candidates");
        try {
            for (int i = 0; i < candidates; i++) {
                RandomStream random = new RandomStream(task.seed(), WEIGHT_STREAM, (long) i << 32);
                Map<String, Double> weights = weights(task, random);
                PruningPlan plan = search.byRatios(scores.byGroup(), weights, task.budget(), random.nextBits());
                double loss = loss(task, scores, plan, images);
                // A loss that is no number is lower than none.
                if (loss < lowest) {
                    best = plan;
                    lowest = loss;
                }
                task.progress().advance(i + 1, String.format(Locale.ROOT, "lowest loss %.3f", lowest));
            }
        } finally {
            task.progress().finish();
        }
        if (best == null) {
            throw new FailedException("None of the " + candidates + " networks of random widths has a finite loss on "
                    + task.target() + "; train the backbone before it is pruned.");
        }
        return best;
    }

    private static Map<String, Double> weights(PruningTask task, RandomStream random) {
        Map<String, Double> weights = new TreeMap<>();
        task.groups()
                .sizes()
                .keySet()
                .forEach(group -> weights.put(group, LOWEST_WEIGHT + (1 - LOWEST_WEIGHT) * random.nextUniform()));
        return weights;
    }

    private static double loss(PruningTask task, Scores scores, PruningPlan plan, ImageSet images) {
        Normalisation normalisation = task.target().normalisation();
        try (Scope _ = Scope.open()) {
            Model small = Compaction.transform(scores.start(), plan, scores.gates());
            Evaluator.recalibrate(
                    small.backend(),
                    small,
                    images,
                    normalisation,
                    RECALIBRATION_BATCH,
                    RECALIBRATION_BATCHES,
                    task.seed());
            return Evaluator.loss(small.backend(), small, images, normalisation);
        }
    }
}
