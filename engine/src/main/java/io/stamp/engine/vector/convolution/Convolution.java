package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.Winograd;
import io.stamp.engine.vector.winograd.WinogradWeightGradient;

/**
 * Two-dimensional convolution and its two gradients, layouts as in {@link ConvGeometry}, any sizes, strides and groups.
 *
 * <p>The geometry alone decides which kernel computes it. The bits of a result depend on the geometry, the vector width and the
 * number of vector registers, not on the number of threads.
 */
public final class Convolution {
    private Convolution() {}

    /**
     * The convolution of x with w, written to y.
     *
     * @param x input {@code [batch, height, width, inChannels]}
     * @param w weights {@code [outChannels, kernelHeight, kernelWidth, inChannels / groups]}
     * @param y output {@code [batch, outHeight, outWidth, outChannels]}, overwritten
     * @throws StampException if an array is shorter than the geometry says
     */
    public static void forward(ConvGeometry g, float[] x, float[] w, float[] y, Workers workers) {
        requireLength("input", x, g.inputSize());
        requireLength("weights", w, g.weightSize());
        requireLength("output", y, g.outputSize());
        PackedWeights packed = PackedWeights.shared(g, w, workers);
        packed.multiply(g, x, y, Epilogue.NONE, workers);
    }

    /** {@code f(conv(x, w) + bias + residual)}; keeps the packed weights with w. */
    public static void fused(FusedConv2d op, Floats[] in, Floats out, Workers workers) {
        ConvGeometry g = op.geometry();
        Epilogue epilogue = Epilogue.of(g, in[2].data(), in.length > 3 ? in[3].data() : null, op.relu(), workers);
        PackedWeights packed = in[1].memory()
                .derived(PackedWeights.class, kept -> kept.fits(g), () -> PackedWeights.kept(g, in[1].data(), workers));
        packed.multiply(g, in[0].data(), out.data(), epilogue, workers);
    }

    /**
     * The gradient with respect to the input, written to gradX.
     *
     * @param gradOut gradient with respect to the output {@code [batch, outHeight, outWidth, outChannels]}
     * @param w weights {@code [outChannels, kernelHeight, kernelWidth, inChannels / groups]}
     * @param gradX {@code [batch, height, width, inChannels]}, overwritten
     * @throws StampException if an array is shorter than the geometry says
     */
    public static void inputGradient(ConvGeometry g, float[] gradOut, float[] w, float[] gradX, Workers workers) {
        requireLength("output's gradient", gradOut, g.outputSize());
        requireLength("weights", w, g.weightSize());
        requireLength("input's gradient", gradX, g.inputSize());
        if (g.isDepthwise()) {
            Depthwise.inputGradient(g, gradOut, w, gradX, workers);
            return;
        }
        if (!Winograd.winsForInput(g) && g.isSameSize() && PixelConvolution.wins(g.transposed())) {
            PixelConvolution.inputGradient(g, gradOut, w, gradX, workers);
            return;
        }
        InputGradient.run(g, gradOut, w, gradX, workers);
    }

    /**
     * The gradient with respect to the weights, written to gradW.
     *
     * @param x input {@code [batch, height, width, inChannels]}
     * @param gradOut gradient with respect to the output {@code [batch, outHeight, outWidth, outChannels]}
     * @param gradW {@code [outChannels, kernelHeight, kernelWidth, inChannels / groups]}, overwritten
     * @throws StampException if an array is shorter than the geometry says
     */
    public static void weightGradient(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        requireLength("input", x, g.inputSize());
        requireLength("output's gradient", gradOut, g.outputSize());
        requireLength("weights' gradient", gradW, g.weightSize());
        if (g.isDepthwise()) {
            DepthwiseWeightGradient.run(g, x, gradOut, gradW, workers);
            return;
        }
        if (Winograd.winsForWeights(g)) {
            WinogradWeightGradient.run(g, x, gradOut, gradW, workers);
            return;
        }
        if (RowWeightGradient.fits(g)) {
            RowWeightGradient.run(g, x, gradOut, gradW, workers);
            return;
        }
        if (Positions.fit(g)) {
            PositionWeightGradient.run(g, x, gradOut, gradW, workers);
            return;
        }
        WeightGradient.run(g, x, gradOut, gradW, workers);
    }

    private static void requireLength(String what, float[] array, int length) {
        if (array.length < length) {
            throw new StampException("The " + what + " of a convolution needs " + length + " elements, the array has "
                    + array.length + ".");
        }
    }
}
