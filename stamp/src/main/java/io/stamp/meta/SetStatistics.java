package io.stamp.meta;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Gather;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each image of a set does to each channel group: the spatial mean and standard deviation of every channel at the place where
 * the group is read, {@code [images, 2C]} a group.
 */
public record SetStatistics(Parameters perGroup) {
    /** Keeps the root differentiable at zero. */
    private static final double EPSILON = 1e-6;

    Tensor of(String group) {
        return perGroup.get(group);
    }

    /** The statistics of some of the images. */
    SetStatistics select(int[] images) {
        return new SetStatistics(perGroup.map(tensor -> Gather.of(tensor, 0, images)));
    }

    /** Spatial mean and standard deviation of what a layer reads: {@code [N,H,W,C]} or {@code [N,C]} to {@code [N,2C]}. */
    static Tensor summarise(Tensor x) {
        int images = x.shape().dim(0);
        int channels = x.shape().dim(-1);
        if (x.shape().rank() == 2) {
            return Concat.of(1, x, x.times(0));
        }
        Tensor mean = x.mean(1, 2);
        Tensor centred = x.minus(mean);
        Tensor deviation = centred.times(centred).mean(1, 2).plus(EPSILON).power(0.5);
        return Concat.of(1, mean.reshape(images, channels), deviation.reshape(images, channels));
    }

    /** Joins the statistics of several batches of images. */
    static SetStatistics join(List<SetStatistics> parts) {
        Map<String, Tensor> joined = new TreeMap<>();
        for (String group : parts.getFirst().perGroup.names()) {
            joined.put(
                    group,
                    Concat.of(0, parts.stream().map(part -> part.of(group)).toList()));
        }
        return new SetStatistics(new Parameters(joined));
    }
}
