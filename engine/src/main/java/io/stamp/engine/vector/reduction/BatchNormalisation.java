package io.stamp.engine.vector.reduction;

import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.Moments;
import io.stamp.engine.vector.elementwise.ChannelPattern;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Batch normalisation on rows of channels. Every pass reads its tensors once from memory; per-channel values lie repeated over a
 * {@link ChannelPattern}. All passes compute {@code (x - mean) * slope + shift} the same way, so that they agree on where a ReLU is open.
 */
public final class BatchNormalisation {
    private BatchNormalisation() {}

    /** How rows of channels are cut into tasks. */
    private record Cut(int channels, int period, int size, int taskLength) {
        static Cut of(Floats x) {
            int channels = x.shape().dim(-1);
            int period = ChannelPattern.length(channels);
            return new Cut(channels, period, x.size(), Math.max(1, Ranges.length(x.size()) / period) * period);
        }

        int tasks() {
            return Ranges.count(size, taskLength);
        }

        int from(int task) {
            return task * taskLength;
        }

        int to(int task) {
            return Ranges.end(task, taskLength, size);
        }

        int rows(int task) {
            return (to(task) - from(task)) / channels;
        }
    }

    /** Five patterns over a period, one behind the other. */
    private record Patterns(float[] data, int mean, int slope, int shift, int xFactor, int constant) {
        static Patterns shared(int period, Workers workers) {
            float[] data = workers.shared().floats(ReductionSlots.PATTERNS, 5 * period);
            return new Patterns(data, 0, period, 2 * period, 3 * period, 4 * period);
        }

        /** Fills mean, slope and shift. */
        void set(BatchNorm op, float[] scales, float[] shifts, float[] moments, Cut cut) {
            int channels = cut.channels;
            for (int c = 0; c < channels; c++) {
                data[mean + c] = moments[c];
                data[slope + c] = (float) (scales[c] * inverseDeviation(op, moments[channels + c]));
                data[shift + c] = shifts[c];
            }
            extend(mean, cut);
            extend(slope, cut);
            extend(shift, cut);
        }

        void extend(int pattern, Cut cut) {
            ChannelPattern.extend(data, pattern, cut.channels, cut.period);
        }
    }

    private static double inverseDeviation(BatchNorm op, float variance) {
        return 1 / Math.sqrt(variance + op.epsilon());
    }

    // ---------------------------------------------------------------- moments

    /** Means and sums of squared deviations of the tasks, each in two passes over data that is in the cache, then merged. */
    public static void moments(Moments op, Floats[] in, Floats out, Workers workers) {
        Cut cut = Cut.of(in[0]);
        float[] partial = workers.shared().floats(ReductionSlots.PARTIAL, cut.tasks() * 2 * cut.channels);
        workers.parallel(cut.tasks(), (task, scratch) -> momentsOfTask(in[0].data(), cut, task, partial, scratch));
        for (int c = 0; c < cut.channels; c++) {
            mergeMoments(cut, partial, c, out.data());
        }
    }

    private static void momentsOfTask(float[] x, Cut cut, int task, float[] partial, Scratch scratch) {
        int period = cut.period;
        int channels = cut.channels;
        float[] sums = scratch.floats(ReductionSlots.SUMS, period);
        float[] means = scratch.floats(ReductionSlots.LOCAL_PATTERNS, period);
        int rows = cut.rows(task);
        int at = task * 2 * channels;
        ChannelPattern.sum(x, cut.from(task), cut.to(task), period, sums);
        for (int c = 0; c < channels; c++) {
            means[c] = (float) (ChannelPattern.fold(sums, c, channels, period) / rows);
            partial[at + c] = means[c];
        }
        ChannelPattern.extend(means, 0, channels, period);
        ChannelPattern.sumSquaredDeviations(x, cut.from(task), cut.to(task), period, means, sums);
        for (int c = 0; c < channels; c++) {
            partial[at + channels + c] = (float) ChannelPattern.fold(sums, c, channels, period);
        }
    }

    /** Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979), eq. 2.1. */
    private static void mergeMoments(Cut cut, float[] partial, int c, float[] moments) {
        double count = 0;
        double mean = 0;
        double squares = 0;
        for (int task = 0; task < cut.tasks(); task++) {
            int at = task * 2 * cut.channels + c;
            int rows = cut.rows(task);
            double difference = partial[at] - mean;
            double total = count + rows;
            mean += difference * rows / total;
            squares += partial[at + cut.channels] + difference * difference * count * rows / total;
            count = total;
        }
        moments[c] = (float) mean;
        moments[cut.channels + c] = (float) (squares / count);
    }

    // ---------------------------------------------------------------- forward

    public static void forward(BatchNorm op, Floats[] in, Floats out, Workers workers) {
        Cut cut = Cut.of(in[0]);
        Patterns p = Patterns.shared(cut.period, workers);
        p.set(op, in[1].data(), in[2].data(), in[3].data(), cut);
        float[] x = in[0].data();
        float[] y = out.data();
        workers.parallel(cut.tasks(), (task, scratch) -> {
            for (int at = cut.from(task); at < cut.to(task); at += cut.period) {
                int count = Math.min(cut.period, cut.to(task) - at);
                if (op.relu()) {
                    forwardReluLoop(x, y, at, count, p);
                } else {
                    forwardLoop(x, y, at, count, p);
                }
            }
        });
    }

    private static FloatVector load(float[] from, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, from, at);
    }

    private static void forwardLoop(float[] x, float[] y, int at, int count, Patterns p) {
        float[] data = p.data;
        int slope = p.slope;
        int shift = p.shift;
        for (int j = 0; j < count; j += Lanes.COUNT) {
            load(x, at + j)
                    .sub(load(data, j))
                    .fma(load(data, slope + j), load(data, shift + j))
                    .intoArray(y, at + j);
        }
    }

    private static void forwardReluLoop(float[] x, float[] y, int at, int count, Patterns p) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        float[] data = p.data;
        int slope = p.slope;
        int shift = p.shift;
        for (int j = 0; j < count; j += Lanes.COUNT) {
            FloatVector v = load(x, at + j).sub(load(data, j)).fma(load(data, slope + j), load(data, shift + j));
            v.blend(zero, v.lt(zero)).intoArray(y, at + j);
        }
    }

    // ---------------------------------------------------------------- gradient

    public static void sums(BatchNormSums op, Floats[] in, Floats out, Workers workers) {
        Cut cut = Cut.of(in[0]);
        int channels = cut.channels;
        float[] moments = in[4].data();
        Patterns p = Patterns.shared(cut.period, workers);
        p.set(op.forward(), in[2].data(), in[3].data(), moments, cut);
        float[] partial = workers.shared().floats(ReductionSlots.PARTIAL, cut.tasks() * 2 * channels);
        workers.parallel(cut.tasks(), (task, scratch) -> {
            float[] sums = scratch.floats(ReductionSlots.SUMS, 2 * cut.period);
            sumsOfTask(in[0].data(), in[1].data(), cut, task, op.forward().relu(), p, sums);
            for (int c = 0; c < channels; c++) {
                partial[task * 2 * channels + c] = (float) fold(sums, 0, c, cut);
                partial[(task * 2 + 1) * channels + c] = (float) fold(sums, cut.period, c, cut);
            }
        });
        for (int c = 0; c < channels; c++) {
            double gradients = 0;
            double products = 0;
            for (int task = 0; task < cut.tasks(); task++) {
                gradients += partial[task * 2 * channels + c];
                products += partial[(task * 2 + 1) * channels + c];
            }
            out.data()[c] = (float) gradients;
            out.data()[channels + c] = (float) (products * inverseDeviation(op.forward(), moments[channels + c]));
        }
    }

    private static double fold(float[] sums, int offset, int channel, Cut cut) {
        double sum = 0;
        for (int i = offset + channel; i < offset + cut.period; i += cut.channels) {
            sum += sums[i];
        }
        return sum;
    }

    private static void sumsOfTask(float[] g, float[] x, Cut cut, int task, boolean relu, Patterns p, float[] sums) {
        java.util.Arrays.fill(sums, 0, 2 * cut.period, 0);
        int to = cut.to(task);
        int at = cut.from(task);
        for (; at <= to - 2 * cut.period; at += 2 * cut.period) {
            if (relu) {
                sumsReluLoop(g, x, at, cut.period, p, sums);
            } else {
                sumsLoop(g, x, at, cut.period, p, sums);
            }
        }
        for (; at < to; at += cut.period) {
            sumsTail(g, x, at, Math.min(cut.period, to - at), cut.period, relu, p, sums);
        }
    }

    /** Two periods. */
    private static void sumsReluLoop(float[] g, float[] x, int at, int period, Patterns p, float[] sums) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        float[] data = p.data;
        for (int j = 0; j < period; j += Lanes.COUNT) {
            FloatVector mean = load(data, j);
            FloatVector slope = load(data, period + j);
            FloatVector shift = load(data, 2 * period + j);
            FloatVector centred0 = load(x, at + j).sub(mean);
            FloatVector centred1 = load(x, at + period + j).sub(mean);
            FloatVector g0 = zero.blend(load(g, at + j), zero.lt(centred0.fma(slope, shift)));
            FloatVector g1 = zero.blend(load(g, at + period + j), zero.lt(centred1.fma(slope, shift)));
            load(sums, j).add(g0.add(g1)).intoArray(sums, j);
            centred0.fma(g0, centred1.fma(g1, load(sums, period + j))).intoArray(sums, period + j);
        }
    }

    private static void sumsLoop(float[] g, float[] x, int at, int period, Patterns p, float[] sums) {
        for (int j = 0; j < period; j += Lanes.COUNT) {
            FloatVector mean = load(p.data, j);
            FloatVector centred0 = load(x, at + j).sub(mean);
            FloatVector centred1 = load(x, at + period + j).sub(mean);
            FloatVector g0 = load(g, at + j);
            FloatVector g1 = load(g, at + period + j);
            load(sums, j).add(g0.add(g1)).intoArray(sums, j);
            centred0.fma(g0, centred1.fma(g1, load(sums, period + j))).intoArray(sums, period + j);
        }
    }

    private static void sumsTail(
            float[] g, float[] x, int at, int count, int period, boolean relu, Patterns p, float[] sums) {
        for (int j = 0; j < count; j += Lanes.COUNT) {
            FloatVector centred = load(x, at + j).sub(load(p.data, j));
            VectorMask<Float> counted = Lanes.first(count - j);
            if (relu) {
                counted = counted.and(FloatVector.zero(Lanes.FLOATS)
                        .lt(centred.fma(load(p.data, p.slope + j), load(p.data, p.shift + j))));
            }
            FloatVector gradient = FloatVector.zero(Lanes.FLOATS).blend(load(g, at + j), counted);
            FloatVector product = FloatVector.zero(Lanes.FLOATS).blend(centred.mul(gradient), counted);
            load(sums, j).add(gradient).intoArray(sums, j);
            load(sums, period + j).add(product).intoArray(sums, period + j);
        }
    }

    public static void inputGradient(BatchNormInputGradient op, Floats[] in, Floats out, Workers workers) {
        BatchNorm forward = op.forward();
        Cut cut = Cut.of(in[0]);
        Patterns p = Patterns.shared(cut.period, workers);
        p.set(forward, in[2].data(), in[3].data(), in[4].data(), cut);
        setGradientPatterns(forward, in[4].data(), in[5].data(), cut, p);
        float[] g = in[0].data();
        float[] x = in[1].data();
        float[] y = out.data();
        workers.parallel(cut.tasks(), (task, scratch) -> {
            for (int at = cut.from(task); at < cut.to(task); at += cut.period) {
                int count = Math.min(cut.period, cut.to(task) - at);
                if (forward.relu()) {
                    gradientReluLoop(g, x, y, at, count, p);
                } else {
                    gradientLoop(g, x, y, at, count, p);
                }
            }
        });
    }

    /** The gradient is {@code slope * g + xFactor * (x - mean) + constant}; both are zero where the moments are constants. */
    private static void setGradientPatterns(BatchNorm op, float[] moments, float[] sums, Cut cut, Patterns p) {
        int channels = cut.channels;
        double perRow = op.batchStatistics() ? (double) channels / cut.size : 0;
        for (int c = 0; c < channels; c++) {
            double inverse = inverseDeviation(op, moments[channels + c]);
            p.data[p.xFactor + c] = (float) (-p.data[p.slope + c] * inverse * sums[channels + c] * perRow);
            p.data[p.constant + c] = (float) (-p.data[p.slope + c] * sums[c] * perRow);
        }
        p.extend(p.xFactor, cut);
        p.extend(p.constant, cut);
    }

    private static void gradientLoop(float[] g, float[] x, float[] y, int at, int count, Patterns p) {
        float[] data = p.data;
        int slope = p.slope;
        int xFactor = p.xFactor;
        int constant = p.constant;
        for (int j = 0; j < count; j += Lanes.COUNT) {
            FloatVector centred = load(x, at + j).sub(load(data, j));
            FloatVector fromMoments = centred.fma(load(data, xFactor + j), load(data, constant + j));
            load(g, at + j).fma(load(data, slope + j), fromMoments).intoArray(y, at + j);
        }
    }

    private static void gradientReluLoop(float[] g, float[] x, float[] y, int at, int count, Patterns p) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        float[] data = p.data;
        int slope = p.slope;
        int shift = p.shift;
        int xFactor = p.xFactor;
        int constant = p.constant;
        for (int j = 0; j < count; j += Lanes.COUNT) {
            FloatVector centred = load(x, at + j).sub(load(data, j));
            FloatVector factor = load(data, slope + j);
            FloatVector open = zero.blend(load(g, at + j), zero.lt(centred.fma(factor, load(data, shift + j))));
            FloatVector fromMoments = centred.fma(load(data, xFactor + j), load(data, constant + j));
            open.fma(factor, fromMoments).intoArray(y, at + j);
        }
    }
}
