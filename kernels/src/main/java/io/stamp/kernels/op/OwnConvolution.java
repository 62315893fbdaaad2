package io.stamp.kernels.op;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.Precision;
import io.stamp.kernels.device.Launch;
import io.stamp.kernels.device.Queue;
import io.stamp.kernels.dnn.ConvDirection;
import io.stamp.kernels.dnn.Dnn;

/**
 * Convolutions of every geometry by our own kernels, in plain float32 whatever the backend's precision: as products of
 * matrices that are never written out (convolution.cu), and directly where channels are few (direct.cu) or groups have
 * one input channel (depthwise.cu). The partition follows from the geometry alone, so that results have the same bits
 * on every device.
 */
public final class OwnConvolution implements Dnn {
    /** Blocks that share the pixels of a gradient with respect to weights. */
    private static final int SPLIT_BLOCKS = 528;

    /** Pixels that a block sums up at least. */
    private static final int LEAST_PIXELS = 128;

    /** Pixels that are summed at a time, DEPTH in product.cuh. */
    private static final int DEPTH = 16;

    /** Taps of a depthwise kernel whose gradient is summed in one pass. */
    private static final int TAPS_AT_ONCE = 9;

    /** Neighbouring pixels of a thread in depthwise.cu. */
    private static final int RUN = 4;

    private static final int PREFERRED_CHANNELS = 16;

    private final Queue queue;

    public OwnConvolution(Queue queue) {
        this.queue = queue;
    }

    @Override
    public Backend.Support supports(ConvGeometry geometry, ConvDirection direction) {
        return new Backend.Support(true, "own kernels compute every convolution");
    }

    /** Whether every group has one input channel. */
    private static boolean isDepthwise(ConvGeometry g) {
        return g.groupInChannels() == 1 && g.groups() > 1;
    }

    /**
     * Whether these kernels go before those of a library: always where groups have one input channel, and in plain
     * float32 where a direct kernel serves few channels, for which libraries are not made. The limit is a guess that
     * waits for a measurement.
     */
    static boolean isPreferred(ConvGeometry g, ConvDirection direction, Precision precision) {
        boolean direct =
                switch (direction) {
                    case FORWARD -> DirectConvolution.convolves(g);
                    case INPUT_GRADIENT -> DirectConvolution.computesInputGradient(g);
                    case WEIGHT_GRADIENT -> false;
                };
        boolean few = Math.max(g.inChannels(), g.outChannels()) <= PREFERRED_CHANNELS;
        return isDepthwise(g) || precision == Precision.STRICT && direct && few;
    }

    @Override
    public void convolve(ConvGeometry g, long input, long weights, long output) {
        if (isDepthwise(g)) {
            int pack = depthwisePack(g);
            Launch launch = operands(pack == Packs.WIDTH ? "depthwise_4" : "depthwise_1", input, weights, output);
            add(g, launch).over(runs(g.batch() * g.outHeight(), g.outWidth(), g.outChannels() / pack));
            return;
        }
        if (DirectConvolution.convolves(g)) {
            DirectConvolution.convolve(g, input, weights, output, queue);
            return;
        }
        int pack = Packs.widthFor(g.groupInChannels(), g.groupOutChannels());
        int pixels = g.batch() * g.outHeight() * g.outWidth();
        Tile tile = Tile.of(pixels, g.groupOutChannels(), g.groups());
        run(g, tile, pixels, g.groupOutChannels(), g.groups(), operands(tile.forward(pack), input, weights, output));
    }

    @Override
    public void inputGradient(ConvGeometry g, long gradient, long weights, long inputGradient) {
        if (isDepthwise(g)) {
            int pack = depthwisePack(g);
            String kernel = pack == Packs.WIDTH ? "depthwise_input_gradient_4" : "depthwise_input_gradient_1";
            add(g, operands(kernel, gradient, weights, inputGradient))
                    .over(runs(g.batch() * g.height(), g.width(), g.inChannels() / pack));
            return;
        }
        if (DirectConvolution.computesInputGradient(g)) {
            DirectConvolution.inputGradient(g, gradient, weights, inputGradient, queue);
            return;
        }
        int pack = Packs.widthFor(g.groupInChannels(), g.groupOutChannels());
        int phases = g.stride() * g.stride();
        int pixels = g.batch() * Math.ceilDiv(g.height(), g.stride()) * Math.ceilDiv(g.width(), g.stride());
        Tile tile = Tile.of(pixels, g.groupInChannels(), g.groups() * phases);
        Launch launch = operands(tile.inputGradient(pack), gradient, weights, inputGradient);
        run(g, tile, pixels, g.groupInChannels(), g.groups() * phases, launch);
    }

    @Override
    public void weightGradient(ConvGeometry g, long input, long gradient, long weightGradient) {
        if (isDepthwise(g)) {
            depthwiseWeightGradient(g, input, gradient, weightGradient);
            return;
        }
        int pack = Packs.widthFor(g.groupInChannels(), g.groupOutChannels());
        int pixels = g.batch() * g.outHeight() * g.outWidth();
        Tile tile = Tile.splitting(g.groupOutChannels());
        int blocks = tile.count(g.windowSize(), g.groupOutChannels()) * g.groups();
        int wanted = Math.clamp(SPLIT_BLOCKS / blocks, 1, Math.ceilDiv(pixels, LEAST_PIXELS));
        int pixelsPerSplit = Math.ceilDiv(Math.ceilDiv(pixels, wanted), DEPTH) * DEPTH;
        int splits = Math.ceilDiv(pixels, pixelsPerSplit);
        long sums = splits == 1
                ? weightGradient
                : queue.scratch((long) Float.BYTES * splits * g.weightSize()).address();
        Launch launch = operands(tile.weightGradient(pack), input, gradient, sums);
        add(g, launch).integer(splits).integer(pixelsPerSplit);
        grid(tile, g.windowSize(), g.groupOutChannels(), g.groups() * splits, launch);
        if (splits > 1) {
            Sums.sum(sums, weightGradient, 1, splits, g.weightSize(), queue);
        }
    }

    private void depthwiseWeightGradient(ConvGeometry g, long input, long gradient, long weightGradient) {
        int taps = g.kernelHeight() * g.kernelWidth();
        ColumnGrid grid = ColumnGrid.forSumsOfSingles(g.batch() * g.outHeight() * g.outWidth(), g.outChannels());
        long partial = grid.partial(TAPS_AT_ONCE, queue).address();
        for (int tap = 0; tap < taps; tap += TAPS_AT_ONCE) {
            Launch launch = operands("depthwise_weight_gradient", input, gradient, weightGradient)
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

    private Launch operands(String kernel, long first, long second, long result) {
        return queue.launch(kernel).pointer(first).pointer(second).pointer(result);
    }

    private static void run(ConvGeometry g, Tile tile, int rows, int columns, int products, Launch launch) {
        grid(tile, rows, columns, products, add(g, launch));
    }

    private static void grid(Tile tile, int rows, int columns, int products, Launch launch) {
        launch.grid(Math.ceilDiv(rows, tile.rows), Math.ceilDiv(columns, tile.columns), products, tile.threads(), 1, 0);
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

    @Override
    public String description() {
        return "own kernels, plain float32";
    }

    @Override
    public void close() {}
}
