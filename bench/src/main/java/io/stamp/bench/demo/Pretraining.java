package io.stamp.bench.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.nn.Network;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.train.Evaluator;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;

/** The first stage: a network learns the reference data. */
record Pretraining(DemoContext context) {
    static final String CHECKPOINT = "backbone";

    /**
     * What the pretrained network is.
     *
     * @param parameters with the head for the reference classes
     * @param macs with the head for the reference classes, per image
     * @param accuracy on test images of the classes it has learnt
     * @param loss mean of the last epoch
     * @param seconds of training
     */
    record Result(long parameters, long macs, int classes, double accuracy, double loss, double seconds) {}

    Result run() {
        return context.stage("pretraining", Result.class, this::train);
    }

    private Result train(ResumeFile resume) {
        DemoSettings settings = context.settings();
        DataSets data = context.reference();
        Network network = settings.network(data.classes());
        context.say(
                "A %s of width %s learns the reference data: %s. It is the network that everything else starts from.",
                settings.model(), settings.width(), DemoContext.describe(data.train()));
        try (Scope _ = Scope.open()) {
            Model fresh = Model.init(context.backend(), network, settings.seed());
            Trainer.Data images = new Trainer.Data(data.train(), data.normalisation(), data.augmentation());
            Trainer.Trained trained = new Trainer(context.backend(), settings.pretraining(), images, context.progress())
                    .train("pretraining", fresh, resume);
            Result result = keep(context, CHECKPOINT, trained);
            context.say(
                    "Done in %s s: its test accuracy is %s, where guessing would reach %s.",
                    Numbers.rate(result.seconds),
                    Numbers.percent(result.accuracy),
                    Numbers.percent(1.0 / data.classes()));
            return result;
        }
    }

    /** Saves a network that has learnt the reference data, and says what it is. */
    static Result keep(DemoContext context, String checkpoint, Trainer.Trained trained) {
        DataSets data = context.reference();
        Model model = trained.model();
        double accuracy = Evaluator.accuracy(context.backend(), model, data.test(), data.normalisation());
        save(context, checkpoint, model);
        Network.Trace trace = model.network().trace();
        return new Result(
                trace.parameterCount(),
                trace.multiplyAccumulates(),
                data.classes(),
                accuracy,
                trained.loss(),
                trained.seconds());
    }

    private static void save(DemoContext context, String checkpoint, Model model) {
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(context.reference()).toJson());
        details.set(ModelFile.HOLD_OUT, context.holdOut().toJson());
        ModelFile.save(
                context.folder().checkpoint(checkpoint),
                model,
                Checkpoint.Kind.BACKBONE,
                context.provenance(),
                details);
    }
}
