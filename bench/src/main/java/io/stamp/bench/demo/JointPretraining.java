package io.stamp.bench.demo;

import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataSets;
import io.stamp.engine.Scope;
import io.stamp.method.JointBackbone;
import io.stamp.model.Model;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;

/** Behind the first stage, where a variant asks for it: the network learns to stay good when channels go. */
record JointPretraining(DemoContext context) {
    static final String CHECKPOINT = "joint";

    Pretraining.Result run(Model backbone) {
        return context.stage("joint-training", Pretraining.Result.class, resume -> train(backbone, resume));
    }

    private Pretraining.Result train(Model backbone, ResumeFile resume) {
        DataSets data = context.reference();
        context.say(
                "That network goes on learning the same data, and in every step small networks that are cut out of it learn"
                        + " with it.");
        try (Scope _ = Scope.open()) {
            Trainer.Data images = new Trainer.Data(data.train(), data.normalisation(), data.augmentation());
            Trainer.Trained trained = JointBackbone.training(
                            backbone, context.policy(), context.settings().joint())
                    .train(backbone, images, context.progress(), resume);
            Pretraining.Result result = Pretraining.keep(context, CHECKPOINT, trained);
            context.say(
                    "Done in %s s: the whole network's test accuracy is %s.",
                    Numbers.rate(result.seconds()), Numbers.percent(result.accuracy()));
            return result;
        }
    }
}
