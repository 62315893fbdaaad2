package io.stamp.bench.demo;

import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataSets;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.PruningDetails;
import io.stamp.method.pruner.Full;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.train.Distillation;
import io.stamp.train.ResumeFile;
import io.stamp.train.Teacher;
import io.stamp.train.Trainer;
import java.util.Optional;

/** A variant's training on the target; every variant has the same schedule, and where one teaches, all others learn from it. */
record VariantTraining(DemoContext context, Variant variant) {
    /**
     * What came out.
     *
     * @param accuracy on the target's test images
     * @param loss mean of the last epoch
     * @param seconds of training
     */
    record Result(double accuracy, double loss, double seconds) {}

    Result run(PruningDetails pruning) {
        return context.stage(variant + "-training", Result.class, resume -> train(pruning, resume));
    }

    private Result train(PruningDetails pruning, ResumeFile resume) {
        DataSets target = context.target();
        try (Scope _ = Scope.open()) {
            Model start = ModelFile.load(context.folder().checkpoint(variant.untrainedCheckpoint()), context.backend())
                    .model();
            Trainer.Data images = new Trainer.Data(target.train(), target.normalisation(), target.augmentation());
            Optional<Teacher> teacher = teacher();
            Trainer.Trained trained = new Trainer(
                            context.backend(), context.settings().training(), images, context.progress())
                    .train("training " + variant, start, Parameters.empty(), teacher, resume);
            ModelFile.save(
                    context.folder().checkpoint(variant.checkpoint()),
                    trained.model(),
                    variant.isPruned() ? Checkpoint.Kind.COMPACT : Checkpoint.Kind.BACKBONE,
                    context.provenance(),
                    VariantStart.details(context, pruning));
            Result result = new Result(context.accuracy(trained.model()), trained.loss(), trained.seconds());
            context.say(
                    "Trained in %s s%s: test accuracy %s on the target.",
                    Numbers.rate(result.seconds),
                    teacher.isPresent() ? ", taught by the full network" : "",
                    Numbers.percent(result.accuracy));
            return result;
        }
    }

    private Optional<Teacher> teacher() {
        Distillation distillation = context.settings().distillation();
        if (distillation == null || variant.isTeacher()) {
            return Optional.empty();
        }
        Model full = ModelFile.load(context.folder().checkpoint(Full.NAME), context.backend())
                .model();
        return Optional.of(new Teacher(full, distillation));
    }
}
