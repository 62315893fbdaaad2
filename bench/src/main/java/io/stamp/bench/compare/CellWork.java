package io.stamp.bench.compare;

import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.compare.CellResults.BackboneResult;
import io.stamp.bench.compare.CellResults.GeneratorResult;
import io.stamp.bench.compare.CellResults.StartResult;
import io.stamp.bench.compare.CellResults.TrainedResult;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.meta.BoundGenerator;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.Stamp;
import io.stamp.method.JointBackbone;
import io.stamp.method.Methods;
import io.stamp.method.Pruner;
import io.stamp.method.PruningDetails;
import io.stamp.method.Settings;
import io.stamp.method.TargetPruning;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.Teacher;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Computes cells.
 *
 * @param store where networks and generators lie
 * @param data opens what cells name
 * @param provenances makes provenances
 * @param saveInterval how often a long cell saves its state
 * @param stopwatch measures times
 */
record CellWork(
        Backend backend,
        CellStore store,
        ExperimentData data,
        Provenances provenances,
        ProgressListener progress,
        Duration saveInterval,
        CellStopwatch stopwatch) {

    /** Makes the provenance of results that a backend computes now. */
    interface Provenances {
        Provenance of(Backend used, long seed, Map<String, Object> configuration, Map<String, String> fingerprints);
    }

    /** What a start and a training took. */
    record Effort(StartResult start, TrainedResult trained) {}

    /** Computes a cell whose needs are there, and keeps what it finds. */
    void run(Cell cell) {
        ResumeFile resume = ResumeFile.at(
                store.resumeFile(cell, backend.name()),
                cell.id() + " on " + backend.name() + identityOfTeacher(cell),
                saveInterval);
        Object result =
                switch (cell) {
                    case Cell.Backbone backbone -> backbone(backbone, resume);
                    case Cell.Joint joint -> joint(joint, resume);
                    case Cell.Generator generator -> generator(generator, resume);
                    case Cell.Start start -> start(start);
                    case Cell.Trained trained -> trained(trained, resume);
                    case Cell.Timed timed -> stopwatch.time(this, timed);
                };
        store.put(cell, result, provenance(cell));
        resume.finish();
    }

    private String identityOfTeacher(Cell cell) {
        try (Scope _ = Scope.open()) {
            return cell instanceof Cell.Trained trained
                    ? teacher(trained).map(teacher -> "; " + teacher.identity()).orElse("")
                    : "";
        }
    }

    private Provenance provenance(Cell cell) {
        long seed =
                switch (cell) {
                    case Cell.Backbone backbone -> backbone.pretraining().seed();
                    case Cell.Joint joint -> joint.joint().seed();
                    case Cell.Generator generator -> generator.metaTraining().seed();
                    case Cell.Start start -> start.seed();
                    case Cell.Trained trained -> trained.training().seed();
                    case Cell.Timed timed -> timed.trained().training().seed();
                };
        return provenances.of(backend, seed, Map.of("cell", cell.id()), data.fingerprints());
    }

    private BackboneResult backbone(Cell.Backbone cell, ResumeFile resume) {
        DataSets reference = data.reference();
        Network network = Models.create(cell.model(), reference.classes(), cell.width())
                .withInput(InputShape.parse(cell.input()));
        try (Scope _ = Scope.open()) {
            Model fresh = Model.init(backend, network, cell.pretraining().seed());
            Trainer.Trained trained = trainer(cell.pretraining(), reference).train(cell.title(), fresh, resume);
            return keep(cell, trained);
        }
    }

    private BackboneResult joint(Cell.Joint cell, ResumeFile resume) {
        DataSets reference = data.reference();
        try (Scope _ = Scope.open()) {
            Model pretrained = load(cell.pretrained());
            Trainer.Data images =
                    new Trainer.Data(reference.train(), reference.normalisation(), reference.augmentation());
            return keep(
                    cell,
                    JointBackbone.training(pretrained, GroupPolicy.parse(cell.groups()), cell.joint())
                            .train(pretrained, images, progress, resume));
        }
    }

    private BackboneResult keep(Cell.Network cell, Trainer.Trained trained) {
        DataSets reference = data.reference();
        double accuracy = Evaluator.accuracy(backend, trained.model(), reference.test(), reference.normalisation());
        var details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(reference).toJson());
        details.set(ModelFile.HOLD_OUT, data.holdOut().toJson());
        ModelFile.save(store.artefact(cell), trained.model(), Checkpoint.Kind.BACKBONE, provenance(cell), details);
        Network.Trace trace = trained.model().network().trace();
        return new BackboneResult(
                trace.parameterCount(), trace.multiplyAccumulates(), accuracy, trained.loss(), trained.seconds());
    }

    private Trainer trainer(TrainingPlan plan, DataSets images) {
        Trainer.Data prepared = new Trainer.Data(images.train(), images.normalisation(), images.augmentation());
        return new Trainer(backend, plan, prepared, progress);
    }

    private Model load(Cell.Network cell) {
        return ModelFile.load(store.artefact(cell), backend).model();
    }

    private static Stamp stamp(Cell.Generator cell, Model backbone) {
        ChannelGroups groups = ChannelGroups.of(backbone.network(), GroupPolicy.parse(cell.groups()), Set.of());
        return new Stamp(backbone, groups, cell.generator(), cell.metaTraining());
    }

    private GeneratorResult generator(Cell.Generator cell, ResumeFile resume) {
        DataSets reference = data.reference();
        try (Scope _ = Scope.open()) {
            Model backbone = load(cell.backbone());
            int[] classes = IntStream.range(0, reference.classes()).toArray();
            io.stamp.meta.Generator generator = stamp(cell, backbone)
                    .metaTrain(reference.train(), reference.normalisation(), classes, progress, resume);
            GeneratorFile.Origin origin = GeneratorFile.Origin.of(
                    backbone, GroupPolicy.parse(cell.groups()), data.holdOut(), cell.metaTraining());
            GeneratorFile.save(store.artefact(cell), generator, origin, provenance(cell));
            return new GeneratorResult(
                    generator.queryLoss(), generator.parameters().size(), generator.seconds());
        }
    }

    private StartResult start(Cell.Start cell) {
        try (Scope _ = Scope.open()) {
            return start(cell, true).result;
        }
    }

    /** A start with what {@link StartResult} tells of it. */
    private record Started(TargetPruning.Start start, StartResult result) {}

    private Started start(Cell.Start cell, boolean keep) {
        Pruner pruner = Methods.onClassPath().pruner(cell.method());
        DataSets target = data.target(cell.target().name());
        Model backbone = load(cell.backbone());
        GroupPolicy policy = GroupPolicy.parse(cell.groups());
        TargetPruning fitted = TargetPruning.of(
                backbone, policy, target, Budget.parse(cell.budget()), cell.stepsOfHead(), cell.seed());
        TargetPruning pruning = fitted.with(fitted.task()
                .withSettings(new Settings(cell.settings()))
                .withGenerators(generators(cell, backbone))
                .withReference(data.reference())
                .withProgress(progress));
        TargetPruning.Choice choice = pruning.choose(pruner);
        TargetPruning.Start start = pruning.start(choice, cell.batch());
        PruningDetails details = start.compact()
                .map(compact -> PruningDetails.of(pruner.name(), policy, backbone, Optional.empty(), compact))
                .orElse(null);
        Network.Trace trace = start.model().network().trace();
        double accuracy = Evaluator.accuracy(backend, start.model(), target.test(), target.normalisation());
        if (keep) {
            Checkpoint.Kind kind = details == null ? Checkpoint.Kind.BACKBONE : Checkpoint.Kind.COMPACT;
            save(cell, start.model(), kind, details, target);
        }
        return new Started(
                start,
                new StartResult(
                        pruner.isStructural(),
                        details,
                        trace.parameterCount(),
                        trace.multiplyAccumulates(),
                        backbone.network().withClasses(target.classes()).trace().multiplyAccumulates(),
                        accuracy,
                        JsonFile.map(choice.pruned().details()),
                        pruning.headSeconds(),
                        choice.seconds(),
                        start.compactionSeconds() + start.recalibrationSeconds()));
    }

    private List<BoundGenerator> generators(Cell.Start cell, Model backbone) {
        return cell.generators().stream()
                .map(generator -> new BoundGenerator(
                        stamp(generator, backbone),
                        GeneratorFile.load(store.artefact(generator), backbone.backend())
                                .generator()))
                .toList();
    }

    private void save(Cell cell, Model model, Checkpoint.Kind kind, PruningDetails pruning, DataSets target) {
        var details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(target).toJson());
        if (pruning != null) {
            details.set(PruningDetails.FIELD, pruning.toJson());
        }
        ModelFile.save(store.artefact(cell), model, kind, provenance(cell), details);
    }

    private TrainedResult trained(Cell.Trained cell, ResumeFile resume) {
        try (Scope _ = Scope.open()) {
            Model start = ModelFile.load(store.artefact(cell.start()), backend).model();
            Trainer.Trained trained = train(cell, start, mask(cell.start(), start), resume);
            if (cell.leavesFile()) {
                save(
                        cell,
                        trained.model(),
                        Checkpoint.Kind.BACKBONE,
                        null,
                        data.target(cell.start().target().name()));
            }
            return tested(cell, trained);
        }
    }

    private Optional<Teacher> teacher(Cell.Trained cell) {
        return Optional.ofNullable(cell.teaching())
                .map(teaching -> new Teacher(
                        ModelFile.load(store.artefact(teaching.teacher()), backend)
                                .model(),
                        teaching.distillation()));
    }

    /** Of methods that zero single weights, what is zero at the start. */
    private Parameters mask(Cell.Start cell, Model start) {
        boolean structural = store.result(cell, StartResult.class).orElseThrow().structural();
        return structural ? Parameters.empty() : ZeroWeights.mask(start.parameters());
    }

    private Trainer.Trained train(Cell.Trained cell, Model start, Parameters mask, ResumeFile resume) {
        return trainer(cell.training(), data.target(cell.start().target().name()))
                .train(cell.title(), start, mask, teacher(cell), resume);
    }

    private TrainedResult tested(Cell.Trained cell, Trainer.Trained trained) {
        DataSets target = data.target(cell.start().target().name());
        double accuracy = Evaluator.accuracy(backend, trained.model(), target.test(), target.normalisation());
        return new TrainedResult(accuracy, trained.loss(), trained.seconds());
    }

    /** Computes a start and its training once more, on another backend, and keeps nothing. */
    Effort repeat(Cell.Trained cell, Backend other) {
        CellWork there = new CellWork(other, store, data, provenances, progress, saveInterval, stopwatch);
        try (Scope _ = Scope.open()) {
            Started started = there.start(cell.start(), false);
            Trainer.Trained trained =
                    there.train(cell, started.start.model(), started.start.weightMask(), ResumeFile.NONE);
            return new Effort(started.result, there.tested(cell, trained));
        }
    }
}
