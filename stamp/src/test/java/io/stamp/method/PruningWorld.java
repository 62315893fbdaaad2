package io.stamp.method;

import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.Backend;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Relu;
import io.stamp.meta.BoundGenerator;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.Stamp;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.ProgressListener;
import java.util.List;
import java.util.Optional;

/** A residual network of three channel groups and a small target. Tensors belong to the scope that is open when it is made. */
final class PruningWorld {
    static final Budget BUDGET = Budget.macs(0.5);

    private static final GeneratorConfig GENERATOR =
            new GeneratorConfig(8, 2, 2, 6, 6, GeneratorConfig.Pooling.ATTENTION);

    final DataSets target = DataSource.open("embedded:target-a?train=12&test=2");
    final Model backbone;
    final ChannelGroups groups;
    final TargetPruning pruning;

    PruningWorld(Backend backend) {
        Network network = Network.of("small", 4, InputShape.DEFAULT, PruningWorld::logits);
        backbone = Model.init(backend, network, 3);
        groups = ChannelGroups.of(network);
        TargetPruning fitted = TargetPruning.of(backbone, GroupPolicy.INNER_AND_STAGE, target, BUDGET, 10, 7);
        pruning = fitted.with(fitted.task()
                .withGenerators(List.of(
                        generator(GeneratorConfig.Pooling.ATTENTION), generator(GeneratorConfig.Pooling.NO_SET)))
                .withSettings(Settings.USUAL.with(ExpectedGate.STEPS, 2).with(ExpectedGate.SETS, 2)));
    }

    private BoundGenerator generator(GeneratorConfig.Pooling pooling) {
        Stamp stamp = new Stamp(backbone, groups, GENERATOR.withPooling(pooling), MetaConfig.DEFAULT.withSeed(5));
        return new BoundGenerator(stamp, stamp.untrained());
    }

    PruningTask task() {
        return pruning.task();
    }

    private static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.maxPool(images, 8);
        x = forward.batchNorm("stem.norm", forward.conv("stem", x, 8, 3, 1), true);
        Tensor y = forward.batchNorm("inner.norm", forward.conv("inner", x, 10, 3, 1), true);
        y = forward.batchNorm("outer.norm", forward.conv("outer", y, 8, 3, 1), false);
        x = Relu.of(x.plus(y));
        x = forward.batchNorm("top.norm", forward.conv("top", x, 12, 3, 2), true);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }

    /** A task with nothing but a model, for allocations that look at no image. */
    static PruningTask task(Model model, Budget budget, long seed) {
        return new PruningTask(
                model,
                ChannelGroups.of(model.network()),
                DataSource.open("embedded:target-a?train=2&test=1"),
                budget,
                seed,
                Settings.USUAL,
                List.of(),
                Optional.empty(),
                ProgressListener.NONE);
    }
}
