package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.gemm.PanelGemm;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.Patches;
import io.stamp.engine.vector.layout.RowMap;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.Winograd;
import io.stamp.engine.vector.winograd.WinogradConvolution;

/**
 * Weights of a convolution as its forward kernel wants them.
 *
 * @param geometry of one image
 * @param kernel chosen by the geometry alone
 * @param values packed; for {@link Kernel#DEPTHWISE} the weights as they are
 */
record PackedWeights(ConvGeometry geometry, Kernel kernel, float[] values) {
    private enum Kernel {
        DEPTHWISE,
        PIXELS,
        WINDOWS,
        PANELS;

        static Kernel of(ConvGeometry g) {
            if (g.isDepthwise()) {
                return DEPTHWISE;
            }
            if (!Winograd.suits(g) && PixelConvolution.wins(g)) {
                return PIXELS;
            }
            return WindowConvolution.fits(g) ? WINDOWS : PANELS;
        }
    }

    /** Packed for one call, in the shared scratch. */
    static PackedWeights shared(ConvGeometry g, float[] w, Workers workers) {
        Kernel kernel = Kernel.of(g);
        return of(g, kernel, w, workers.shared().floats(ConvolutionSlots.PACKED, size(g, kernel)), workers);
    }

    /** Packed for many calls. */
    static PackedWeights kept(ConvGeometry g, float[] w, Workers workers) {
        Kernel kernel = Kernel.of(g);
        return of(g, kernel, w, new float[size(g, kernel)], workers);
    }

    private static int size(ConvGeometry g, Kernel kernel) {
        return switch (kernel) {
            case DEPTHWISE -> 0;
            case PIXELS -> PixelConvolution.packedSize(g);
            case WINDOWS, PANELS -> g.groups() * groupSize(g);
        };
    }

    private static int groupSize(ConvGeometry g) {
        return g.windowSize() * Tiles.paddedColumns(g.groupOutChannels());
    }

    private static PackedWeights of(ConvGeometry g, Kernel kernel, float[] w, float[] values, Workers workers) {
        switch (kernel) {
            case DEPTHWISE -> {
                return new PackedWeights(ofOneImage(g), kernel, w);
            }
            case PIXELS -> PixelConvolution.pack(g, w, values);
            case WINDOWS, PANELS -> {
                int tiles = Tiles.count(g.groupOutChannels());
                workers.parallel(g.groups() * tiles, new Packer(g, tiles, w, values));
            }
        }
        return new PackedWeights(ofOneImage(g), kernel, values);
    }

    private static ConvGeometry ofOneImage(ConvGeometry g) {
        return g.withBatch(1);
    }

    boolean fits(ConvGeometry g) {
        return ofOneImage(g).equals(geometry);
    }

    void multiply(ConvGeometry g, float[] x, float[] y, Epilogue epilogue, Workers workers) {
        if (Winograd.wins(g)) {
            WinogradConvolution.run(g, x, values, y, epilogue, workers);
            return;
        }
        switch (kernel) {
            case PIXELS -> PixelConvolution.run(g, x, values, y, epilogue, workers);
            case WINDOWS -> WindowConvolution.run(g, x, values, y, epilogue, workers);
            case DEPTHWISE -> {
                Depthwise.forward(g, x, values, y, workers);
                epilogue.applyAfter(g, y, workers);
            }
            case PANELS -> {
                panels(g, x, y, workers);
                epilogue.applyAfter(g, y, workers);
            }
        }
    }

    private void panels(ConvGeometry g, float[] x, float[] y, Workers workers) {
        if (Positions.fit(g)) {
            PositionConvolution.run(g, x, values, y, workers);
            return;
        }
        int n = g.groupOutChannels();
        PanelGemm.run(
                g.groups(),
                g.batch() * g.outHeight() * g.outWidth(),
                n,
                g.windowSize(),
                Patches.ofInput(g, x),
                values,
                groupSize(g),
                y,
                RowMap.dense(0, g.outChannels()),
                n,
                workers);
    }

    /** Packs the weights {@code [group][n][k]} tile by tile. */
    private record Packer(ConvGeometry g, int tiles, float[] w, float[] packed) implements Workers.Body {
        @Override
        public void run(int task, Scratch scratch) {
            int group = task / tiles;
            int tile = task % tiles;
            int k = g.windowSize();
            int n = g.groupOutChannels();
            int target = group * groupSize(g) + tile * Tiles.WIDE * k;
            Packing.packTransposedTile(w, group * n * k, k, k, n, tile, packed, target);
        }
    }
}
