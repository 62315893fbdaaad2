package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.data.Augmentation;
import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.meta.JointTraining;
import io.stamp.method.importance.L1Norm;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Compaction;
import io.stamp.prune.GroupPolicy;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the whole network teaches the small ones in it. */
class JointTrainingTest {
    private static final TrainingPlan PLAN = TrainingPlan.of(30, 20, 0.05, 2);
    private static final double SMALL = 0.2;

    private static Backend backend;
    private static Scope scope;
    private static PruningWorld world;
    private static Trainer.Data data;
    /** The backbone after plain training, which joint training starts from. */
    private static Model pretrained;

    @BeforeAll
    static void pretrain() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        world = new PruningWorld(backend);
        data = new Trainer.Data(world.target.train(), world.target.normalisation(), Augmentation.NONE);
        Model start = world.backbone.withNewHead(world.target.classes(), 1);
        pretrained = new Trainer(backend, PLAN, data, ProgressListener.NONE)
                .train("", start, ResumeFile.NONE)
                .model();
    }

    @AfterAll
    static void close() {
        scope.close();
        backend.close();
    }

    private static JointTraining joint(TrainingPlan plan) {
        ChannelGroups groups = ChannelGroups.of(pretrained.network());
        return new JointTraining(groups, L1Norm.scores(pretrained, groups), plan, Budget.macs(0.15), 0.6);
    }

    private static Trainer.Trained train(JointTraining joint, ProgressListener progress, ResumeFile file) {
        return joint.train(pretrained, data, progress, file);
    }

    /** Of the best channels in the order before the training. */
    private static double lossOfSmall(Model model) {
        try (Scope _ = Scope.open()) {
            ChannelGroups groups = ChannelGroups.of(pretrained.network());
            PruningPlan plan =
                    new PlanSearch(groups).byUniformRatio(L1Norm.scores(pretrained, groups), Budget.macs(SMALL), 1);
            Model small = Compaction.transform(model, plan, Map.of());
            Evaluator.recalibrate(backend, small, world.target.train(), world.target.normalisation(), 60, 2, 1);
            return Evaluator.loss(backend, small, world.target.train(), world.target.normalisation());
        }
    }

    private static double lossOfWhole(Model model) {
        return Evaluator.loss(backend, model, world.target.train(), world.target.normalisation());
    }

    @Test
    void smallNetworksBecomeGoodAndTheWholeOneStaysIt() {
        try (Scope _ = Scope.open()) {
            Model trainedOn = new Trainer(backend, PLAN, data, ProgressListener.NONE)
                    .train("", pretrained, ResumeFile.NONE)
                    .model();

            Model joint =
                    train(joint(PLAN), ProgressListener.NONE, ResumeFile.NONE).model();

            assertThat(lossOfSmall(joint))
                    .isLessThan(0.8 * lossOfSmall(pretrained))
                    .isLessThan(0.8 * lossOfSmall(trainedOn));
            assertThat(lossOfWhole(joint)).isLessThan(1.2 * lossOfWhole(pretrained));
        }
    }

    @Test
    void whatWasInterruptedContinuesToTheSameBits(@TempDir Path folder) {
        JointTraining joint = joint(TrainingPlan.of(1, 20, 0.05, 2));
        try (Scope _ = Scope.open()) {
            Model whole = train(joint, ProgressListener.NONE, ResumeFile.NONE).model();
            Path file = folder.resolve("joint.resume");

            assertThatThrownBy(() -> train(joint, stopping(), ResumeFile.at(file, "joint", Duration.ZERO)))
                    .hasMessage("stopped");
            assertThat(file).exists();
            Model continued = train(joint, ProgressListener.NONE, ResumeFile.at(file, "joint", Duration.ZERO))
                    .model();

            assertSame(continued.parameters(), whole.parameters());
            assertSame(continued.state(), whole.state());
        }
    }

    private static ProgressListener stopping() {
        return new ProgressListener() {
            private int steps;

            @Override
            public void start(String phase, long done, long total, String unit) {}

            @Override
            public void advance(long done, String note) {
                if (++steps == 3) {
                    throw new IllegalStateException("stopped");
                }
            }

            @Override
            public void finish() {}
        };
    }

    private static void assertSame(Parameters one, Parameters other) {
        one.asMap().forEach((name, tensor) -> assertThat(tensor.doubles())
                .as(name)
                .isEqualTo(other.get(name).doubles()));
    }

    @Test
    void whatIsCutOutPassesGradientsToTheWeightsThatItKeeps() {
        try (Scope _ = Scope.open()) {
            ChannelGroups groups = ChannelGroups.of(pretrained.network());
            PruningPlan plan =
                    new PlanSearch(groups).byUniformRatio(L1Norm.scores(pretrained, groups), Budget.macs(SMALL), 1);
            Parameters leaves = pretrained.parameters().leaves();

            Model small = Compaction.transform(pretrained.withParameters(leaves), plan, Map.of());
            Tensor sum = small.parameters().get("inner.weight").sum();

            double[] gradient = Autograd.gradients(sum, List.of(leaves.get("inner.weight")))
                    .getFirst()
                    .doubles();
            assertThat(gradient).containsOnly(0, 1);
            long kept = java.util.Arrays.stream(gradient).filter(g -> g == 1).count();
            assertThat(kept)
                    .isEqualTo(small.parameters().get("inner.weight").shape().size());
        }
    }

    @Test
    void whereTheUsualLowestBudgetCannotBeReachedTheSmallestNetworkIsTaken() {
        JointTraining joint = JointBackbone.training(pretrained, GroupPolicy.INNER, PLAN);

        assertThat(joint.lowest().fraction()).isGreaterThan(0.05);
        assertThat(joint.highest()).isGreaterThanOrEqualTo(joint.lowest().fraction());
        PlanSearch search = new PlanSearch(joint.groups());
        assertThat(search.byUniformRatio(joint.order(), joint.lowest(), 1)
                        .budgetUsed()
                        .orElseThrow())
                .isEqualTo(1);
        Budget below = Budget.macs(0.99 * joint.lowest().fraction());
        assertThatThrownBy(() -> search.byUniformRatio(joint.order(), below, 1))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("cannot be reached");
    }
}
