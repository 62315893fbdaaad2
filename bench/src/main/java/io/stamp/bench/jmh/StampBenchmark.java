package io.stamp.bench.jmh;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.Scope;
import io.stamp.meta.Generator;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.PreparedTarget;
import io.stamp.meta.Stamp;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Compaction;
import io.stamp.prune.PruningPlan;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/**
 * The method itself on random weights, whose values do not matter to time: from a set of images to a small network. Its parts have no
 * simple count of arithmetic, so that these benchmarks report time alone.
 */
public class StampBenchmark extends EngineBenchmark {
    private static final long SEED = 1;
    private static final Budget BUDGET = Budget.macs(0.3);

    /** More than one, so that copying the generator at the start of an adaptation counts less. */
    private static final int INNER_STEPS = 2;

    /** {@code NAME} or {@code NAME:WIDTH}. */
    @Param({"resnet20", "vgg19"})
    String network;

    private NamedNetwork named;

    private Model model;
    private DataSets target;
    private Stamp stamp;
    private Generator generator;
    private PreparedTarget prepared;
    private PruningPlan plan;

    @Override
    void read() {
        named = NamedNetwork.parse(NETWORK, network);
        named.create();
    }

    @Override
    void prepare() {
        target = DataSource.open("embedded:target-a");
        model = Model.init(backend(), Models.create(named.name(), target.classes(), named.width()), SEED);
        ChannelGroups groups = ChannelGroups.of(model.network());
        stamp = new Stamp(model, groups, GeneratorConfig.DEFAULT, MetaConfig.DEFAULT);
        generator = stamp.untrained();
        prepared = stamp.prepare(generator, target.train(), target.normalisation(), BUDGET, Stamp.Search.of(SEED));
        plan = PruningPlan.uniformRandom(groups, BUDGET, SEED);
    }

    /** A cached set to the embeddings of all groups. */
    @Benchmark
    public void encode() {
        try (Scope _ = Scope.open()) {
            prepared.encode();
        }
    }

    /** A cached set to the expected gate of every channel. */
    @Benchmark
    public void mask() {
        try (Scope _ = Scope.open()) {
            prepared.mask();
        }
    }

    /** A step of the inner loop on a batch of the target. */
    @Benchmark
    @OperationsPerInvocation(INNER_STEPS)
    public double firstOrderStep() {
        return prepared.adapt(INNER_STEPS);
    }

    /** The same as a part of exact MAML: unrolled, and differentiated through. */
    @Benchmark
    @OperationsPerInvocation(INNER_STEPS)
    public double secondOrderStep() {
        return prepared.adaptExactly(INNER_STEPS);
    }

    /** A plan to a small network that was checked against the masked one. */
    @Benchmark
    public void compaction() {
        try (Scope _ = Scope.open()) {
            Compaction.of(model, plan);
        }
    }

    /** Images of a target to a small network: statistics, head, adaptation by 20 steps, mask over 10 sets, compaction. */
    @Benchmark
    public CompactModel adaptation() {
        try (Scope _ = Scope.open()) {
            Stamp.Search search = Stamp.Search.of(SEED);
            Stamp.Found found = stamp.search(generator, target.train(), target.normalisation(), BUDGET, search);
            Model fitted = model.withHead(found.head());
            PruningPlan chosen = PruningPlan.byScores(
                    ChannelGroups.of(fitted.network()), found.scores(), BUDGET, PruningPlan.MINIMUM_CHANNELS);
            return Compaction.of(fitted, chosen);
        }
    }
}
