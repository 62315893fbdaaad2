package io.stamp.method.reconstruction;

import io.stamp.engine.random.RandomStream;
import io.stamp.prune.ChannelGroup;
import java.util.List;
import java.util.function.Function;

/**
 * Collects the error that the channels of a group make in the outputs of all layers that read them: for each layer the mean over positions
 * of the sum over output channels, summed over the layers.
 *
 * @param outputs channels at each position, drawn at random; all of them where a layer has no more
 */
public record ErrorSampler(int outputs, RandomStream random) {
    private static final int STREAM = 2001;

    public ErrorSampler(int outputs, long seed) {
        this(outputs, new RandomStream(seed, STREAM));
    }

    /**
     * The error as a function of one factor a channel.
     *
     * @param weights of a layer by its name
     */
    public QuadraticError of(
            ChannelGroup group, List<ReaderSample> samples, Function<String, double[]> weights, Targets targets) {
        QuadraticError error = new QuadraticError(group.size());
        for (ReaderSample sample : samples) {
            add(error, group, sample, weights.apply(sample.layer()), targets);
        }
        return error;
    }

    private void add(QuadraticError error, ChannelGroup group, ReaderSample sample, double[] weights, Targets targets) {
        double[] contributions = new double[group.size()];
        int count = Math.min(outputs, sample.outputs());
        int rows = sample.windows().rows();
        double share = (double) sample.outputs() / count / rows;
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < count; i++) {
                int output = count == sample.outputs() ? i : random.nextInt(sample.outputs());
                double rest = sample.split(group, weights, row, output, contributions);
                double actual = rest;
                for (double contribution : contributions) {
                    actual += contribution;
                }
                int number = sample.firstOutput() + output;
                double target = targets.of(sample.layer(), row, number, actual);
                error.add(contributions, target - rest, share * targets.weight(sample.layer(), row, number));
            }
        }
    }
}
