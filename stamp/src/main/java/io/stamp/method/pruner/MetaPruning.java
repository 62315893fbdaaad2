package io.stamp.method.pruner;

import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.Need;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import io.stamp.method.TargetTraining;
import io.stamp.model.Model;
import io.stamp.prune.Compaction;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import io.stamp.train.TrainingPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * MetaPruning (Liu et al., arXiv 1903.10258): a {@link PruningNet} learns to generate the weights of networks of random widths; then a
 * {@link WidthEvolution} looks for the widths under the budget whose generated network has the lowest loss on held-out training images, its
 * batch-norm statistics recalibrated on others. The paper then trains the winner from scratch; here it starts from the generated weights,
 * like all methods from those that they leave.
 */
public final class MetaPruning implements Pruner {
    private static final int RECALIBRATION_BATCH = 64;
    private static final int RECALIBRATION_BATCHES = 4;

    public static final Setting EPOCHS =
            Setting.whole("metapruning.epochs", 15, 1, "passes over the target that train the generator of weights");

    public static final Setting BATCH = Setting.whole("metapruning.batch", 64, 2, "images of a batch");

    public static final Setting RATE =
            Setting.real("metapruning.rate", 0.002, 1e-9, 1, "learning rate of what depends on the widths, by Adam");

    public static final Setting WEIGHT_RATE = Setting.real(
            "metapruning.weight-rate", 0.02, 1e-9, 10, "peak learning rate of the weights that all widths share");

    public static final Setting HIDDEN =
            Setting.whole("metapruning.hidden", 16, 1, "hidden units of the generator, for each tensor");

    public static final Setting LOWEST =
            Setting.real("metapruning.lowest", 0.1, 0, 1, "smallest share of a group that the training draws");

    public static final Setting HELD_OUT = Setting.real(
            "metapruning.held-out", 0.2, 0.01, 0.9, "share of the training images that candidates are compared on");

    public static final Setting IMAGES =
            Setting.whole("metapruning.images", 512, 1, "held-out images that are looked at, at most");

    public static final Setting POPULATION =
            Setting.whole("metapruning.population", 16, 1, "width vectors of a generation");

    public static final Setting GENERATIONS =
            Setting.whole("metapruning.generations", 8, 0, "generations after the first, which is random");

    public static final Setting PARENTS =
            Setting.whole("metapruning.parents", 6, 1, "width vectors, the best ones, that have offspring");

    public static final Setting MUTATION =
            Setting.real("metapruning.mutation", 0.1, 0, 1, "probability that a mutation draws a width anew");

    @Override
    public String name() {
        return "metapruning";
    }

    @Override
    public String source() {
        return "after Liu et al., arXiv 1903.10258";
    }

    @Override
    public String explanation() {
        return "the widths that evolve under the budget, judged by networks whose weights are generated for them";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS, Need.TRAINING);
    }

    @Override
    public List<Setting> settings() {
        return List.of(
                EPOCHS,
                BATCH,
                RATE,
                WEIGHT_RATE,
                HIDDEN,
                LOWEST,
                HELD_OUT,
                IMAGES,
                POPULATION,
                GENERATIONS,
                PARENTS,
                MUTATION);
    }

    @Override
    public Pruned prune(PruningTask task) {
        // A budget out of reach is told before the training, not after it.
        PruningPlan.uniformWidth(task.groups(), task.budget());
        Settings settings = task.settings();
        ImageSet.Split split = split(task);
        PruningTask learning = task.withTarget(task.target().withTrain(split.second()));
        PruningNet net =
                new PruningNet(task.groups(), task.model(), settings.whole(HIDDEN), settings.real(LOWEST), task.seed());
        try (Scope scope = Scope.open()) {
            TrainingPlan plan = TrainingPlan.of(
                    settings.whole(EPOCHS), settings.whole(BATCH), settings.real(WEIGHT_RATE), task.seed());
            TargetTraining.Trained trained = new TargetTraining(learning, plan, settings.real(RATE))
                    .run("training of the generator of weights", task.model(), net);
            WidthEvolution.Found found = new WidthEvolution(
                            settings.whole(POPULATION),
                            settings.whole(GENERATIONS),
                            settings.whole(PARENTS),
                            settings.real(MUTATION))
                    .search(task, candidate -> loss(learning, split.first(), net, trained, candidate));
            Model start = net.generated(trained, found.best().plan().widths());
            start.parameters().keptBy(scope);
            start.state().keptBy(scope);
            return pruned(start, trained, found);
        }
    }

    private static Pruned pruned(Model start, TargetTraining.Trained trained, WidthEvolution.Found found) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("training_loss", trained.loss());
        details.put("search_loss", found.best().loss());
        details.put("candidates", found.candidates());
        return new Pruned(Optional.of(found.best().plan()), start, Map.of(), Map.of(), Parameters.empty(), details);
    }

    /** As many held-out images of each class in the first part, the others in the second. */
    private static ImageSet.Split split(PruningTask task) {
        ImageSet images = task.target().train();
        double share = Math.min(
                task.settings().real(HELD_OUT), (double) task.settings().whole(IMAGES) / images.size());
        int ofEachClass = (int) Math.max(1, Math.round(share * images.size() / images.classes()));
        return images.randomSplit(ofEachClass, task.seed());
    }

    private static double loss(
            PruningTask learning,
            ImageSet heldOut,
            PruningNet net,
            TargetTraining.Trained trained,
            PruningPlan candidate) {
        Normalisation normalisation = learning.target().normalisation();
        try (Scope _ = Scope.open()) {
            Model small = Compaction.transform(net.generated(trained, candidate.widths()), candidate, Map.of());
            Evaluator.recalibrate(
                    small.backend(),
                    small,
                    learning.target().train(),
                    normalisation,
                    RECALIBRATION_BATCH,
                    RECALIBRATION_BATCHES,
                    learning.seed());
            return Evaluator.loss(small.backend(), small, heldOut, normalisation);
        }
    }
}
