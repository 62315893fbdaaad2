package io.stamp.kernels.op;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.dnn.ConvDirection;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.ConvProblem;

/** 3x3 convolutions of stride 1 with few channels: direct.cu. */
final class DirectConvolution {
    private static final int TAPS = 3;

    /** Extent of the squares that a block computes, how many they are, their output channels, and threads. */
    private static final int SIDE = 8;

    private static final int SQUARES = 4;
    private static final int CHANNELS = 16;
    private static final int THREADS = 128;

    /** Up to so many output channels the GEMM's tiles are narrow, and windows are read too often. */
    private static final int FEW_CHANNELS = 2 * CHANNELS;

    private DirectConvolution() {}

    /** Whether there is a kernel for that. */
    static boolean does(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        return switch (problem.direction()) {
            case FORWARD -> fits(g);
            case INPUT_GRADIENT -> fits(g) && g.padding() < TAPS;
            case WEIGHT_GRADIENT -> false;
        };
    }

    /** Whether it is expected to be faster than a GEMM, given that there is one. */
    static boolean isPreferred(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        return problem.direction() == ConvDirection.FORWARD
                ? g.outChannels() <= FEW_CHANNELS && fillsSquares(g.outHeight(), g.outWidth())
                : g.inChannels() <= FEW_CHANNELS && fillsSquares(g.height(), g.width());
    }

    /** Puts it into the stream; only where {@link #does} says so. */
    static void run(ConvProblem problem, ConvOperands operands, CudaStream stream) {
        if (problem.direction() == ConvDirection.FORWARD) {
            convolve(problem.geometry(), operands, stream);
        } else {
            inputGradient(problem.geometry(), operands, stream);
        }
    }

    private static boolean fits(ConvGeometry g) {
        return g.kernelHeight() == TAPS && g.kernelWidth() == TAPS && g.stride() == 1 && g.groups() == 1;
    }

    /** Whether less than half of the pixels in squares lie outside of the image. */
    private static boolean fillsSquares(int height, int width) {
        return (long) squares(height) * squares(width) * SIDE * SIDE < 2L * height * width;
    }

    private static int squares(int extent) {
        return Math.ceilDiv(extent, SIDE);
    }

    private static void convolve(ConvGeometry g, ConvOperands operands, CudaStream stream) {
        String kernel = Packs.widthFor(g.inChannels()) == Packs.WIDTH ? "direct_3x3_4" : "direct_3x3_1";
        stream.launch(kernel)
                .pointer(operands.first())
                .pointer(operands.second())
                .pointer(operands.result())
                .integer(g.batch())
                .integer(g.height())
                .integer(g.width())
                .integer(g.inChannels())
                .integer(g.outHeight())
                .integer(g.outWidth())
                .integer(g.outChannels())
                .integer(g.padding())
                .integer(0)
                .integer(TAPS * TAPS * g.inChannels())
                .integer(g.inChannels())
                .integer(1)
                .grid(blocks(g.batch(), g.outHeight(), g.outWidth()), channelBlocks(g.outChannels()), 1, THREADS, 1, 0);
    }

    /** The convolution of the output's gradient with the weights, flipped, and input and output channels exchanged. */
    private static void inputGradient(ConvGeometry g, ConvOperands operands, CudaStream stream) {
        String kernel = Packs.widthFor(g.outChannels()) == Packs.WIDTH ? "direct_3x3_4" : "direct_3x3_1";
        stream.launch(kernel)
                .pointer(operands.first())
                .pointer(operands.second())
                .pointer(operands.result())
                .integer(g.batch())
                .integer(g.outHeight())
                .integer(g.outWidth())
                .integer(g.outChannels())
                .integer(g.height())
                .integer(g.width())
                .integer(g.inChannels())
                .integer(TAPS - 1 - g.padding())
                .integer((TAPS * TAPS - 1) * g.inChannels())
                .integer(1)
                .integer(-g.inChannels())
                .integer(TAPS * TAPS * g.inChannels())
                .grid(blocks(g.batch(), g.height(), g.width()), channelBlocks(g.inChannels()), 1, THREADS, 1, 0);
    }

    private static int blocks(int batch, int height, int width) {
        return Math.ceilDiv(batch * squares(height) * squares(width), SQUARES);
    }

    private static int channelBlocks(int channels) {
        return Math.ceilDiv(channels, CHANNELS);
    }
}
