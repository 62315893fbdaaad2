package io.stamp.bench.training;

import io.stamp.bench.cli.Numbers;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.train.Trainer;
import java.util.List;
import java.util.Locale;

/**
 * What {@code pretrain} and {@code train} report.
 *
 * @param out the file of the trained network
 * @param trainImages number of training images
 * @param testImages number of test images
 * @param parameters convolution and linear weights, biases, batch-norm scales and shifts
 * @param macs multiply-accumulate operations per image, forward
 * @param loss mean over the last epoch
 * @param testAccuracy share of the test images that the network gets right
 * @param trainingSeconds time of all training steps, those before an interruption included
 */
public record TrainingReport(
        String out,
        String model,
        double width,
        int classes,
        String data,
        int trainImages,
        int testImages,
        long parameters,
        long macs,
        double loss,
        double testAccuracy,
        double trainingSeconds,
        Provenance provenance) {

    public static TrainingReport of(TrainingJob job, Trainer.Trained trained, double accuracy, Provenance provenance) {
        Network network = trained.model().network();
        Network.Trace trace = network.trace();
        return new TrainingReport(
                job.out().toString(),
                network.model(),
                network.width(),
                network.classes(),
                job.data().source(),
                job.data().train().size(),
                job.data().test().size(),
                trace.parameterCount(),
                trace.multiplyAccumulates(),
                trained.loss(),
                accuracy,
                trained.seconds(),
                provenance);
    }

    /** For people. */
    public List<String> lines() {
        return List.of(
                model + " width " + width + ", " + classes + " classes, " + Numbers.count(parameters) + " parameters, "
                        + Numbers.millions(macs) + " MACs an image",
                String.format(
                        Locale.ROOT,
                        "trained on %s (%,d images) in %.1f s, loss %.4f",
                        data,
                        trainImages,
                        trainingSeconds,
                        loss),
                "test accuracy " + Numbers.percent(testAccuracy) + " on " + Numbers.count(testImages) + " images",
                "written to " + out);
    }
}
