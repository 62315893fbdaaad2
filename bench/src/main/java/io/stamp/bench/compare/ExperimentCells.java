package io.stamp.bench.compare;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.data.DataSets;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.method.Methods;
import io.stamp.method.Need;
import io.stamp.method.Pruner;
import io.stamp.method.TargetPruning;
import io.stamp.method.pruner.Full;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.TrainingPlan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The cells that an experiment consists of. */
final class ExperimentCells {
    private final Experiment experiment;
    private final ExperimentData data;
    private final Methods methods = Methods.onClassPath();

    ExperimentCells(Experiment experiment, ExperimentData data) {
        this.experiment = experiment;
        this.data = data;
    }

    /**
     * A cell and where the report shows it.
     *
     * @param method as the experiment names it
     * @param budget of that place; the full network has one cell for all budgets
     * @param schedule of that place; the full network is never taught
     */
    record Goal(String method, String budget, TrainingSchedule schedule, Cell.Trained cell) {}

    /**
     * What the report is about: every combination, one network and target after the other.
     *
     * @throws io.stamp.engine.StampException where a budget cannot be reached with any channels
     */
    List<Goal> goals() {
        List<Goal> goals = new ArrayList<>();
        for (String network : experiment.networks()) {
            for (long backboneSeed : experiment.backboneSeeds()) {
                Cell.Backbone backbone = backbone(network, backboneSeed);
                for (String target : experiment.targets()) {
                    requireReachable(backbone, target);
                    for (TrainingSchedule schedule : experiment.training()) {
                        add(goals, backbone, target, schedule);
                    }
                }
            }
        }
        return goals;
    }

    private void requireReachable(Cell.Backbone backbone, String target) {
        for (String budget : experiment.budgets()) {
            WrongField.check(
                    "budgets",
                    () -> TargetPruning.requireReachable(
                            Models.create(backbone.model(), 2, backbone.width()).withInput(experiment.inputShape()),
                            data.target(target).classes(),
                            GroupPolicy.parse(experiment.groups()),
                            Budget.parse(budget)));
        }
    }

    private void add(List<Goal> goals, Cell.Backbone backbone, String target, TrainingSchedule schedule) {
        for (String budget : experiment.budgets()) {
            for (String method : experiment.methods()) {
                Contender contender = Contender.parse(methods, method);
                for (long seed : experiment.seeds()) {
                    TrainingPlan plan = schedule.plan(seed);
                    Cell.Start start = start(backbone, target, budget, contender, plan);
                    Cell.Teaching teaching = schedule.distillation()
                            .filter(_ -> !method.equals(Full.NAME))
                            .map(how -> new Cell.Teaching(teacher(backbone, target, budget, plan), how))
                            .orElse(null);
                    goals.add(new Goal(method, budget, schedule, new Cell.Trained(start, plan, teaching)));
                }
            }
        }
    }

    /** The same for all methods, also for those on the joint backbone. */
    private Cell.Trained teacher(Cell.Backbone backbone, String target, String budget, TrainingPlan plan) {
        return new Cell.Trained(start(backbone, target, budget, Contender.parse(methods, Full.NAME), plan), plan, null);
    }

    private Cell.Backbone backbone(String network, long seed) {
        NamedNetwork named = NamedNetwork.parse("networks: ", network, null, 1);
        TrainingPlan plan = experiment.pretraining().plan(seed);
        return new Cell.Backbone(
                ExperimentData.images(experiment.reference(), data.reference()),
                data.holdOut().toString(),
                named.name(),
                named.width(),
                experiment.input(),
                plan);
    }

    private Cell.Start start(
            Cell.Backbone backbone, String target, String budget, Contender contender, TrainingPlan plan) {
        Pruner pruner = contender.pruner();
        DataSets images = data.target(target);
        Cell.Network network = contender.joint() ? joint(backbone) : backbone;
        return new Cell.Start(
                network,
                generators(network, pruner, Budget.parse(budget)),
                ExperimentData.images(target, images),
                experiment.groups(),
                pruner.name(),
                contender.settings(experiment.methodSettings()),
                // Nothing is removed at any budget: one cell for all.
                pruner.removes() || !pruner.isStructural() ? budget : "macs=1",
                MetaConfig.DEFAULT.inner().headSteps(),
                plan.batch(),
                plan.seed());
    }

    private Cell.Joint joint(Cell.Backbone backbone) {
        TrainingPlan plan = experiment.joint().plan(backbone.pretraining().seed());
        return new Cell.Joint(backbone, experiment.groups(), plan);
    }

    private List<Cell.Generator> generators(Cell.Network backbone, Pruner pruner, Budget budget) {
        List<Cell.Generator> generators = new ArrayList<>();
        if (pruner.needs().contains(Need.GENERATOR)) {
            generators.add(generator(backbone, GeneratorConfig.Pooling.ATTENTION, budget));
        }
        if (pruner.needs().contains(Need.GENERATOR_WITHOUT_SET)) {
            generators.add(generator(backbone, GeneratorConfig.Pooling.NO_SET, budget));
        }
        return generators;
    }

    /** One for each kind of budget: a generator answers to one kind alone. */
    private Cell.Generator generator(Cell.Network backbone, GeneratorConfig.Pooling pooling, Budget budget) {
        MetaConfig config = experiment
                .metaTraining()
                .config()
                .withBudgetKind(budget.kind())
                .withSeed(backbone.pretrained().pretraining().seed());
        return new Cell.Generator(backbone, experiment.groups(), GeneratorConfig.DEFAULT.withPooling(pooling), config);
    }

    /** All that has to be computed for some cells, what is needed first; each once. */
    static List<Cell> closure(List<? extends Cell> goals) {
        Set<Cell> all = new LinkedHashSet<>();
        goals.forEach(goal -> add(all, goal));
        return List.copyOf(all);
    }

    private static void add(Set<Cell> all, Cell cell) {
        if (!all.contains(cell)) {
            cell.needs().forEach(need -> add(all, need));
            all.add(cell);
        }
    }
}
