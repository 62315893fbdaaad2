package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.gemm.PanelGemm;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.Patches;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.Winograd;
import io.stamp.engine.vector.winograd.WinogradConvolution;

/** The gradient of a convolution with respect to its input, phase by phase, see {@link PhaseAxis}. */
final class InputGradient {
    private InputGradient() {}

    static void run(ConvGeometry g, float[] gradOut, float[] w, float[] gradX, Workers workers) {
        if (PhaseAxis.leavesGaps(g)) {
            workers.parallel(g.batch(), new ZeroFill(gradX, g.inputSize() / g.batch()));
        }
        for (int row = 0; row < Math.min(g.stride(), g.height()); row++) {
            for (int column = 0; column < Math.min(g.stride(), g.width()); column++) {
                PhaseAxis rows = PhaseAxis.rows(g, row);
                PhaseAxis columns = PhaseAxis.columns(g, column);
                if (rows.taps() > 0 && columns.taps() > 0) {
                    runPhase(g, rows, columns, gradOut, w, gradX, workers);
                }
            }
        }
    }

    private static void runPhase(
            ConvGeometry g,
            PhaseAxis rows,
            PhaseAxis columns,
            float[] gradOut,
            float[] w,
            float[] gradX,
            Workers workers) {
        int n = g.groupInChannels();
        int k = rows.taps() * columns.taps() * g.groupOutChannels();
        int tiles = Tiles.count(n);
        int packedStride = k * Tiles.paddedColumns(n);
        float[] packed = workers.shared().floats(ConvolutionSlots.PACKED, g.groups() * packedStride);
        workers.parallel(g.groups() * tiles, new PackFlipped(g, rows, columns, k, tiles, w, packed, packedStride));
        if (Winograd.winsForInput(g)) {
            WinogradConvolution.run(Winograd.turned(g), gradOut, packed, gradX, Epilogue.NONE, workers);
            return;
        }
        if (g.isSameSize() && WindowConvolution.fits(g)) {
            WindowConvolution.run(g.transposed(), gradOut, packed, gradX, Epilogue.NONE, workers);
            return;
        }
        if (g.isSameSize() && Positions.fit(g.transposed())) {
            PositionConvolution.run(g.transposed(), gradOut, packed, gradX, workers);
            return;
        }
        Patches windows = Patches.of(
                gradOut,
                g.outHeight(),
                g.outWidth(),
                g.outChannels(),
                g.groups(),
                columns.taps(),
                1,
                rows.before(),
                columns.before(),
                rows.pixels(),
                columns.pixels());
        PanelGemm.run(
                g.groups(),
                g.batch() * rows.pixels() * columns.pixels(),
                n,
                k,
                windows,
                packed,
                packedStride,
                gradX,
                PhaseAxis.map(g, rows, columns),
                n,
                workers);
    }

    /** Packs the flipped kernel of a phase, {@code [group][taps, groupOutChannels][groupInChannels]}, tile by tile. */
    private record PackFlipped(
            ConvGeometry g,
            PhaseAxis rows,
            PhaseAxis columns,
            int k,
            int tiles,
            float[] w,
            float[] packed,
            int packedStride)
            implements Workers.Body {
        @Override
        public void run(int task, Scratch scratch) {
            int group = task / tiles;
            int tile = task % tiles;
            int n = g.groupInChannels();
            int width = Tiles.width(n, tile);
            int filter = g.kernelHeight() * g.kernelWidth() * n;
            int target = group * packedStride + tile * Tiles.WIDE * k;
            for (int row = 0; row < rows.taps(); row++) {
                for (int column = 0; column < columns.taps(); column++) {
                    int tap = rows.tap(row) * g.kernelWidth() + columns.tap(column);
                    int source = group * g.groupOutChannels() * filter + tap * n;
                    Packing.packTile(w, source, filter, g.groupOutChannels(), n, tile, packed, target);
                    target += g.groupOutChannels() * width;
                }
            }
        }
    }
}
