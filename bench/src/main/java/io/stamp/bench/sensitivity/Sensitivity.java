package io.stamp.bench.sensitivity;

import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.Compaction;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What a network loses where one channel group is made smaller and all others stay whole, before any training.
 *
 * @param whole the network as it is, with batch-norm statistics of the same images
 * @param groups one for each prunable group, in the network's order
 */
public record Sensitivity(Point whole, List<Group> groups) {
    /** Shares of a group's channels that are tried, beside the fewest that a plan may leave. */
    private static final List<Double> RATIOS = List.of(0.75, 0.5, 0.25);

    private static final int RECALIBRATION_BATCH = 64;
    private static final int RECALIBRATION_BATCHES = 10;

    /**
     * One network.
     *
     * @param kept channels of the group
     * @param ratio kept / all
     * @param macs left of the whole network's, as a share
     * @param accuracy on test images
     * @param loss mean cross-entropy on them
     */
    public record Point(int kept, double ratio, double macs, double accuracy, double loss) {}

    /** @param points from the whole group to the fewest channels; none twice */
    public record Group(String name, int channels, List<Point> points) {}

    /** Measures all groups; the channels of each that score highest stay. */
    public static Sensitivity of(PruningTask task, Importance importance) {
        task.require(importance);
        try (Scope _ = Scope.open()) {
            Map<String, double[]> scores = importance.scores(task).byGroup();
            Point whole = point(task, task.model().on(task.model().backend()), 0, 1, 1);
            List<ChannelGroup> prunable = task.groups().prunable();
            List<Group> groups = new ArrayList<>();
            ProgressListener progress = task.progress();
            progress.start("sensitivity", prunable.size(), "groups");
            for (ChannelGroup group : prunable) {
                groups.add(group(task, group, scores.get(group.name()), whole));
                progress.advance(groups.size(), group.name());
            }
            progress.finish();
            return new Sensitivity(whole, groups);
        }
    }

    private static Group group(PruningTask task, ChannelGroup group, double[] scores, Point whole) {
        List<Integer> ranking = IntStream.range(0, group.size())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer channel) -> -scores[channel]))
                .toList();
        List<Point> points = new ArrayList<>();
        points.add(new Point(group.size(), 1, 1, whole.accuracy, whole.loss));
        for (int kept : widths(group)) {
            PruningPlan plan = PruningPlan.of(task.groups(), Map.of(group.name(), ranking.subList(0, kept)));
            try (Scope _ = Scope.open()) {
                points.add(point(
                        task,
                        Compaction.transform(task.model(), plan, Map.of()),
                        kept,
                        (double) kept / group.size(),
                        (double) plan.achieved().macs() / plan.full().macs()));
            }
        }
        return new Group(group.name(), group.size(), points);
    }

    /** Widths below the whole one, from the largest on. */
    private static Iterable<Integer> widths(ChannelGroup group) {
        TreeSet<Integer> widths = new TreeSet<>();
        widths.add(PruningPlan.MINIMUM_CHANNELS);
        for (double ratio : RATIOS) {
            widths.add(Math.max(PruningPlan.MINIMUM_CHANNELS, (int) Math.round(ratio * group.size())));
        }
        return widths.headSet(group.size(), false).descendingSet();
    }

    /** The model's statistics are replaced. */
    private static Point point(PruningTask task, Model model, int kept, double ratio, double macs) {
        DataSets data = task.target();
        Backend backend = model.backend();
        Evaluator.recalibrate(
                backend,
                model,
                data.train(),
                data.normalisation(),
                RECALIBRATION_BATCH,
                RECALIBRATION_BATCHES,
                task.seed());
        return new Point(
                kept,
                ratio,
                macs,
                Evaluator.accuracy(backend, model, data.test(), data.normalisation()),
                Evaluator.loss(backend, model, data.test(), data.normalisation()));
    }
}
