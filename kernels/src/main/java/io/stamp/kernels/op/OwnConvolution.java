package io.stamp.kernels.op;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.Launch;
import io.stamp.kernels.device.Precision;
import io.stamp.kernels.dnn.ConvAlgorithm;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.ConvProblem;
import io.stamp.kernels.dnn.OwnAlgorithms;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Convolutions of every geometry by our own kernels, in plain float32 whatever the backend's precision: as GEMMs of
 * matrices that are never written out (convolution.cu), and directly where channels are few (direct.cu) or groups have
 * one input channel (depthwise.cu). The partition follows from the geometry alone, so that results have the same bits
 * on every device.
 */
public final class OwnConvolution implements OwnAlgorithms {
    /** Blocks that share the pixels of a gradient with respect to weights. */
    private static final int SPLIT_BLOCKS = 528;

    /** Pixels that a block sums up at least. */
    private static final int LEAST_PIXELS = 128;

    /** Pixels that are summed at a time, DEPTH in gemm.cuh. */
    private static final int DEPTH = 16;

    /** Taps of a depthwise kernel whose gradient is summed in one pass. */
    private static final int TAPS_AT_ONCE = 9;

    /** Neighbouring pixels of a thread in depthwise.cu. */
    private static final int RUN = 4;

    /** Up to so many channels the rule takes direct kernels rather than a library; a guess that waits for a measurement. */
    private static final int PREFERRED_CHANNELS = 16;

    private static final long NONE = 0;

    private final CudaStream stream;
    private final Precision precision;

    /** @param precision of the backend, in which libraries compute */
    public OwnConvolution(CudaStream stream, Precision precision) {
        this.stream = stream;
        this.precision = precision;
    }

    @Override
    public List<ConvAlgorithm> algorithms(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        if (isDepthwise(g)) {
            return List.of(
                    switch (problem.direction()) {
                        case FORWARD -> algorithm("own depthwise", this::depthwise, g);
                        case INPUT_GRADIENT -> algorithm("own depthwise", this::depthwiseInputGradient, g);
                        case WEIGHT_GRADIENT -> algorithm("own depthwise", this::depthwiseWeightGradient, g);
                    });
        }
        ConvAlgorithm gemm =
                switch (problem.direction()) {
                    case FORWARD -> algorithm("own gemm", this::gemm, g);
                    case INPUT_GRADIENT -> algorithm("own gemm", this::gemmInputGradient, g);
                    case WEIGHT_GRADIENT -> algorithm("own gemm", this::gemmWeightGradient, g);
                };
        if (!DirectConvolution.does(problem)) {
            return List.of(gemm);
        }
        ConvAlgorithm direct =
                ConvAlgorithm.of("own direct", operands -> DirectConvolution.run(problem, operands, stream));
        return DirectConvolution.isPreferred(problem) ? List.of(direct, gemm) : List.of(gemm, direct);
    }

    private static ConvAlgorithm algorithm(String name, BiConsumer<ConvGeometry, ConvOperands> kernel, ConvGeometry g) {
        return ConvAlgorithm.of(name, operands -> kernel.accept(g, operands));
    }

    /** Whether every group has one input channel. */
    private static boolean isDepthwise(ConvGeometry g) {
        return g.groupInChannels() == 1 && g.groups() > 1;
    }

    /**
     * Always where groups have one input channel, and in plain float32 where a direct kernel serves few channels: for
     * both, libraries are not made.
     */
    @Override
    public boolean comeFirst(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        boolean few = Math.max(g.inChannels(), g.outChannels()) <= PREFERRED_CHANNELS;
        boolean direct = precision == Precision.STRICT
                && DirectConvolution.does(problem)
                && DirectConvolution.isPreferred(problem);
        return isDepthwise(g) || direct && few;
    }

    /** One pass over the result: epilogue.cu. */
    @Override
    public void applyEpilogue(ConvProblem problem, ConvOperands operands) {
        int channels = problem.geometry().outChannels();
        ColumnGrid grid = ColumnGrid.forMap(problem.geometry().outputSize() / channels, channels);
        grid.run(stream.launch(grid.kernel("convolution_epilogue_4", "convolution_epilogue_1"))
                .pointer(operands.result())
                .pointer(operands.bias())
                .pointer(problem.epilogue().hasResidual() ? operands.residual() : NONE)
                .integer(problem.epilogue().hasRelu() ? 1 : 0));
    }

    private void depthwise(ConvGeometry g, ConvOperands operands) {
        int pack = depthwisePack(g);
        Launch launch = launch(pack == Packs.WIDTH ? "depthwise_4" : "depthwise_1", operands);
        add(g, launch).over(runs(g.batch() * g.outHeight(), g.outWidth(), g.outChannels() / pack));
    }

    private void gemm(ConvGeometry g, ConvOperands operands) {
        int pack = Packs.widthFor(g.groupInChannels(), g.groupOutChannels());
        int pixels = g.batch() * g.outHeight() * g.outWidth();
        Tile tile = Tile.of(pixels, g.groupOutChannels(), g.groups());
        run(g, tile, pixels, g.groupOutChannels(), g.groups(), launch(tile.forward(pack), operands));
    }

    private void depthwiseInputGradient(ConvGeometry g, ConvOperands operands) {
        int pack = depthwisePack(g);
        String kernel = pack == Packs.WIDTH ? "depthwise_input_gradient_4" : "depthwise_input_gradient_1";
        add(g, launch(kernel, operands)).over(runs(g.batch() * g.height(), g.width(), g.inChannels() / pack));
    }

    private void gemmInputGradient(ConvGeometry g, ConvOperands operands) {
        int pack = Packs.widthFor(g.groupInChannels(), g.groupOutChannels());
        int phases = g.stride() * g.stride();
        int pixels = g.batch() * Math.ceilDiv(g.height(), g.stride()) * Math.ceilDiv(g.width(), g.stride());
        Tile tile = Tile.of(pixels, g.groupInChannels(), g.groups() * phases);
        Launch launch = launch(tile.inputGradient(pack), operands);
        run(g, tile, pixels, g.groupInChannels(), g.groups() * phases, launch);
    }

    private void gemmWeightGradient(ConvGeometry g, ConvOperands operands) {
        int pack = Packs.widthFor(g.groupInChannels(), g.groupOutChannels());
        int pixels = g.batch() * g.outHeight() * g.outWidth();
        Tile tile = Tile.splitting(g.groupOutChannels());
        int blocks = tile.count(g.windowSize(), g.groupOutChannels()) * g.groups();
        int wanted = Math.clamp(SPLIT_BLOCKS / blocks, 1, Math.ceilDiv(pixels, LEAST_PIXELS));
        int pixelsPerSplit = Math.ceilDiv(Math.ceilDiv(pixels, wanted), DEPTH) * DEPTH;
        int splits = Math.ceilDiv(pixels, pixelsPerSplit);
        long sums = splits == 1
                ? operands.result()
                : stream.scratch((long) Float.BYTES * splits * g.weightSize()).address();
        Launch launch = launch(tile.weightGradient(pack), operands.first(), operands.second(), sums);
        add(g, launch).integer(splits).integer(pixelsPerSplit);
        grid(tile, g.windowSize(), g.groupOutChannels(), g.groups() * splits, launch);
        if (splits > 1) {
            Sums.sum(sums, operands.result(), 1, splits, g.weightSize(), stream);
        }
    }

    private void depthwiseWeightGradient(ConvGeometry g, ConvOperands operands) {
        int taps = g.kernelHeight() * g.kernelWidth();
        ColumnGrid grid =
                ColumnGrid.forSumsOfSingles(g.batch() * g.outHeight() * g.outWidth(), g.outChannels(), TAPS_AT_ONCE);
        long partial = grid.scratch(stream).address();
        for (int tap = 0; tap < taps; tap += TAPS_AT_ONCE) {
            Launch launch = launch("depthwise_weight_gradient", operands)
                    .pointer(partial)
                    .integer(tap);
            grid.run(add(g, launch));
        }
    }

    private static int depthwisePack(ConvGeometry g) {
        return g.groupOutChannels() == 1 ? Packs.widthFor(g.inChannels()) : 1;
    }

    private static long runs(int rows, int columns, int packs) {
        return (long) rows * Math.ceilDiv(columns, RUN) * packs;
    }

    private Launch launch(String kernel, ConvOperands operands) {
        return launch(kernel, operands.first(), operands.second(), operands.result());
    }

    private Launch launch(String kernel, long first, long second, long result) {
        return stream.launch(kernel).pointer(first).pointer(second).pointer(result);
    }

    private static void run(ConvGeometry g, Tile tile, int rows, int columns, int batch, Launch launch) {
        grid(tile, rows, columns, batch, add(g, launch));
    }

    private static void grid(Tile tile, int rows, int columns, int batch, Launch launch) {
        launch.grid(Math.ceilDiv(rows, tile.rows), Math.ceilDiv(columns, tile.columns), batch, tile.threads(), 1, 0);
    }

    /** Adds the parameters {@code GEOMETRY}. */
    private static Launch add(ConvGeometry g, Launch launch) {
        return launch.integer(g.batch())
                .integer(g.height())
                .integer(g.width())
                .integer(g.inChannels())
                .integer(g.outChannels())
                .integer(g.kernelHeight())
                .integer(g.kernelWidth())
                .integer(g.stride())
                .integer(g.padding())
                .integer(g.groups())
                .integer(g.outHeight())
                .integer(g.outWidth());
    }
}
