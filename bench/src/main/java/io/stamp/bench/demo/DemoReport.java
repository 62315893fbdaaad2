package io.stamp.bench.demo;

import io.stamp.bench.measure.Rate;
import io.stamp.data.DataSets;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.method.PruningDetails;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a demo found with one seed: {@code report.json}.
 *
 * @param reference without the classes held out
 * @param heldOutClasses class numbers that nothing was learnt from
 * @param joint the joint backbone; null where no variant begins with it
 * @param generators by name of the variant that needs them
 * @param variants by name, in the order that was asked for
 * @param seconds that the whole demo took, all runs together where it was interrupted
 */
public record DemoReport(
        long seed,
        DemoSettings settings,
        Data reference,
        List<Integer> heldOutClasses,
        Data target,
        Pretraining.Result backbone,
        Pretraining.Result joint,
        Map<String, MetaTraining.Result> generators,
        Map<String, VariantReport> variants,
        double seconds,
        Provenance provenance) {

    /**
     * A data set.
     *
     * @param fingerprint of the training images
     */
    public record Data(String source, String fingerprint, int classes, int trainImages, int testImages) {
        static Data of(DataSets data) {
            return new Data(
                    data.source(),
                    data.train().fingerprint(),
                    data.classes(),
                    data.train().size(),
                    data.test().size());
        }
    }

    /**
     * What one variant came to.
     *
     * @param accuracy on the target's test images, after training
     * @param accuracyBeforeTraining with a fitted head and fresh batch-norm statistics
     * @param trainingLoss mean of the last epoch
     * @param macRatio MACs of the full network over those of this one
     * @param pruning what was removed; null for the full network
     * @param keptChannels of each prunable group; null for the full network
     * @param peakTrainingBytes the most that tensors occupy in a training step
     * @param fullPeakTrainingBytes the same for the full network
     * @param checkpoint file name of the trained network
     */
    public record VariantReport(
            double accuracy,
            double accuracyBeforeTraining,
            double trainingLoss,
            long parameters,
            long macs,
            double macRatio,
            PruningDetails pruning,
            Map<String, Integer> keptChannels,
            Seconds seconds,
            Throughput training,
            Throughput inference,
            long peakTrainingBytes,
            long fullPeakTrainingBytes,
            String checkpoint) {

        static VariantReport of(
                Variant variant,
                VariantStart.Result start,
                VariantTraining.Result trained,
                Measurement.Speed full,
                Measurement.Speed own,
                long fullMacs) {
            double macRatio = (double) fullMacs / start.macs();
            Map<String, Integer> kept = null;
            if (start.pruning() != null) {
                kept = new LinkedHashMap<>();
                for (var group : start.pruning().kept().entrySet()) {
                    kept.put(group.getKey(), group.getValue().size());
                }
            }
            return new VariantReport(
                    trained.accuracy(),
                    start.accuracy(),
                    trained.loss(),
                    start.parameters(),
                    start.macs(),
                    macRatio,
                    start.pruning(),
                    kept,
                    Seconds.of(start, trained),
                    Throughput.of(full.train(), own.train(), own.trainSpeedUp(), macRatio),
                    Throughput.of(full.infer(), own.infer(), own.inferSpeedUp(), macRatio),
                    own.peakTrainingBytes(),
                    full.peakTrainingBytes(),
                    variant.checkpoint() + ".safetensors");
        }
    }

    /**
     * Where a variant's time went.
     *
     * @param head to fit a head, where that is not part of the search
     * @param total from the arrival of the target data to the trained network
     */
    public record Seconds(
            double search, double head, double compaction, double recalibration, double training, double total) {
        static Seconds of(VariantStart.Result start, VariantTraining.Result trained) {
            double total = start.searchSeconds()
                    + start.headSeconds()
                    + start.compactionSeconds()
                    + start.recalibrationSeconds()
                    + trained.seconds();
            return new Seconds(
                    start.searchSeconds(),
                    start.headSeconds(),
                    start.compactionSeconds(),
                    start.recalibrationSeconds(),
                    trained.seconds(),
                    total);
        }
    }

    /**
     * Images per second before and after.
     *
     * @param speedUp of the variant over the full network in the same turn of the measurement, median
     * @param efficiency speed-up / MAC ratio; 1 means that all arithmetic saved is time saved
     */
    public record Throughput(Rate fullImagesPerSecond, Rate imagesPerSecond, double speedUp, double efficiency) {
        static Throughput of(Rate full, Rate own, Rate speedUp, double macRatio) {
            return new Throughput(full, own, speedUp.median(), speedUp.median() / macRatio);
        }
    }
}
