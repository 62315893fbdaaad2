package io.stamp.bench.training;

import io.stamp.bench.cli.Numbers;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.train.Distillation;
import io.stamp.train.Teacher;
import io.stamp.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code pretrain} and {@code train} report.
 *
 * @param out the file of the trained network
 * @param input the images that the network takes
 * @param conversion what was done to the stored images to make them such; null where nothing was
 * @param trainImages number of training images
 * @param testImages number of test images
 * @param parameters convolution and linear weights, biases, batch-norm scales and shifts
 * @param macs multiply-accumulate operations per image, forward
 * @param loss mean over the last epoch
 * @param testAccuracy share of the test images that the network gets right
 * @param distillation how much of the loss was a teacher's; null where there was none
 * @param trainingSeconds time of all training steps, those before an interruption included
 */
public record TrainingReport(
        String out,
        String model,
        double width,
        String input,
        int classes,
        String data,
        String conversion,
        int trainImages,
        int testImages,
        long parameters,
        long macs,
        double loss,
        double testAccuracy,
        Distillation distillation,
        double trainingSeconds,
        Provenance provenance) {

    public static TrainingReport of(TrainingJob job, Trainer.Trained trained, double accuracy, Provenance provenance) {
        Network network = trained.model().network();
        Network.Trace trace = network.trace();
        return new TrainingReport(
                job.out().toString(),
                network.model(),
                network.width(),
                network.input().toString(),
                network.classes(),
                job.data().source(),
                job.data().conversion().orElse(null),
                job.data().train().size(),
                job.data().test().size(),
                trace.parameterCount(),
                trace.multiplyAccumulates(),
                trained.loss(),
                accuracy,
                job.teacher().map(Teacher::distillation).orElse(null),
                trained.seconds(),
                provenance);
    }

    /** For people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(model + " width " + width + " on " + input + ", " + classes + " classes, " + Numbers.count(parameters)
                + " parameters, " + Numbers.millions(macs) + " MACs an image");
        if (conversion != null) {
            lines.add("images of " + data + " " + conversion);
        }
        lines.add(String.format(
                Locale.ROOT,
                "trained on %s (%,d images) in %.1f s, loss %.4f",
                data,
                trainImages,
                trainingSeconds,
                loss));
        if (distillation != null) {
            lines.add("the loss is in part a teacher's (" + distillation + ")");
        }
        lines.add("test accuracy " + Numbers.percent(testAccuracy) + " on " + Numbers.count(testImages) + " images");
        lines.add("written to " + out);
        return lines;
    }
}
