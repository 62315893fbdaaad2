package io.stamp.bench.compare;

import io.stamp.method.PruningDetails;
import java.util.Map;

/** What cells find; times are of whatever else the machine did and serve for estimates only, but for {@link Timing}. */
final class CellResults {
    private CellResults() {}

    /** @param accuracy on test images of the classes that it has learnt */
    record BackboneResult(long parameters, long macs, double accuracy, double loss, double seconds) {}

    /** @param queryLoss smoothed loss of masked networks at the end of meta-training */
    record GeneratorResult(double queryLoss, long parameters, double seconds) {}

    /**
     * @param structural whether whole channels went
     * @param pruning what was removed; null where no channel was
     * @param parameters left
     * @param macs left, per image
     * @param fullMacs of the whole network
     * @param accuracy on test images before training
     * @param details what else the method found
     */
    record StartResult(
            boolean structural,
            PruningDetails pruning,
            long parameters,
            long macs,
            long fullMacs,
            double accuracy,
            Map<String, Object> details,
            double headSeconds,
            double searchSeconds,
            double compactionSeconds) {}

    /**
     * @param accuracy on test images
     * @param loss mean of the last epoch
     */
    record TrainedResult(double accuracy, double loss, double seconds) {}

    /**
     * Seconds of a process that had the machine to itself.
     *
     * @param search from a fitted head to chosen channels, compaction and batch-norm statistics included
     * @param training on the target
     * @param peakBytes the most that tensors occupied in all of it
     */
    record Timing(double head, double search, double training, long peakBytes) {}
}
