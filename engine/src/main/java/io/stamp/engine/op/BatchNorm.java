package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Batch normalisation (Ioffe and Szegedy, arXiv 1502.03167) with an optional ReLU: inputs {@code x [..., C]}, {@code scale [C]},
 * {@code shift [C]} and {@code moments [2, C]}, result {@code f(scale * (x - mean) / sqrt(variance + epsilon) + shift)}.
 *
 * @param relu whether f is ReLU rather than the identity
 * @param batchStatistics whether the moments are those of {@code x}, so that the gradient flows through them as well; the moments
 *     themselves get no gradient
 */
public record BatchNorm(double epsilon, boolean relu, boolean batchStatistics) implements Op {
    /** Normalises by the batch's own moments, {@code Moments.of(x)}, which the caller may go on using. */
    public static Tensor byBatch(Tensor x, Tensor scale, Tensor shift, Tensor moments, double epsilon, boolean relu) {
        return Tensor.apply(new BatchNorm(epsilon, relu, true), x, scale, shift, constant(moments));
    }

    /** Normalises by constant moments, such as running statistics. */
    public static Tensor byConstants(
            Tensor x, Tensor scale, Tensor shift, Tensor moments, double epsilon, boolean relu) {
        return Tensor.apply(new BatchNorm(epsilon, relu, false), x, scale, shift, constant(moments));
    }

    /** Moments that are constant already keep their identity, by which a trace recognises them. */
    private static Tensor constant(Tensor moments) {
        return moments.tracked() ? moments.detach() : moments;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = inputs.getFirst();
        Shape perChannel = Shape.of(x.dim(-1));
        if (!inputs.subList(1, 4).equals(List.of(perChannel, perChannel, Shape.of(2, x.dim(-1))))) {
            throw new StampException("Batch normalisation of " + x + " needs scale and shift " + perChannel
                    + " and moments [2, " + x.dim(-1) + "], not " + inputs.subList(1, 4) + ".");
        }
        return x;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.get(0).values();
        double[] moments = inputs.get(3).values();
        int channels = output.shape().dim(-1);
        for (int i = 0; i < x.length; i++) {
            int c = i % channels;
            double normalised = (x[i] - moments[c]) / Math.sqrt(moments[channels + c] + epsilon);
            double y = inputs.get(1).values()[c] * normalised + inputs.get(2).values()[c];
            output.values()[i] = relu ? Math.max(y, 0) : y;
        }
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return context.createGraph() ? composed(context) : fused(context);
    }

    private List<Tensor> fused(Backward context) {
        Tensor[] inputs = {context.gradient(), context.input(0), context.input(1), context.input(2), context.input(3)};
        Tensor sums = Tensor.apply(new BatchNormSums(this), inputs);
        int channels = sums.shape().dim(1);
        return Arrays.asList(
                context.when(
                        0,
                        () -> Tensor.apply(
                                new BatchNormInputGradient(this),
                                inputs[0],
                                inputs[1],
                                inputs[2],
                                inputs[3],
                                inputs[4],
                                sums)),
                context.when(1, () -> Slice.of(sums, 0, 1, 2).reshape(channels)),
                context.when(2, () -> Slice.of(sums, 0, 0, 1).reshape(channels)),
                null);
    }

    /** The same gradients in differentiable ops. */
    private List<Tensor> composed(Backward context) {
        Tensor x = context.input(0);
        Tensor scale = context.input(1);
        Tensor shift = context.input(2);
        Tensor moments = batchStatistics ? Moments.of(x) : context.input(3);
        int channels = x.shape().dim(-1);
        Tensor mean = Slice.of(moments, 0, 0, 1).reshape(channels);
        Tensor inverseDeviation =
                Slice.of(moments, 0, 1, 2).reshape(channels).plus(epsilon).power(-0.5);
        Tensor normalised = x.minus(mean).times(inverseDeviation);
        Tensor g = context.gradient();
        if (relu) {
            g = ReluMask.of(g, normalised.times(scale).plus(shift));
        }
        Shape perChannel = Shape.of(channels);
        Tensor shiftGradient = SumTo.of(g, perChannel);
        Tensor scaleGradient = SumTo.of(g.times(normalised), perChannel);
        Tensor centred = g;
        if (batchStatistics) {
            double perElement = (double) channels / x.shape().size();
            centred = g.minus(shiftGradient.times(perElement)).minus(normalised.times(scaleGradient.times(perElement)));
        }
        return Arrays.asList(centred.times(scale.times(inverseDeviation)), scaleGradient, shiftGradient, null);
    }
}
