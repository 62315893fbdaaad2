package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.layout.RowMap;

/**
 * One axis of one phase of a convolution's input gradient.
 *
 * <p>An input position i meets the kernel positions {@code r, r + stride, r + 2 stride, ...} with
 * {@code r = (i + padding) % stride} only. The input positions are therefore split into {@code stride} phases, and the gradient
 * of each is a convolution of stride 1 of the output's gradient with the flipped kernel of that phase, so that no product with
 * an inserted zero is ever made.
 *
 * @param phase first input position
 * @param pixels input positions
 * @param firstTap first kernel position that they meet
 * @param taps kernel positions that they meet, possibly none
 * @param before output positions that the first window begins before the output's first; negative if after it
 * @param stride of the convolution
 */
record PhaseAxis(int phase, int pixels, int firstTap, int taps, int before, int stride) {

    /** Whether some input position meets no kernel position, so that its gradient is zero. */
    static boolean leavesGaps(ConvGeometry g) {
        return g.stride() > Math.min(g.kernelHeight(), g.kernelWidth());
    }

    static PhaseAxis rows(ConvGeometry g, int phase) {
        return of(g, phase, g.kernelHeight(), g.height());
    }

    static PhaseAxis columns(ConvGeometry g, int phase) {
        return of(g, phase, g.kernelWidth(), g.width());
    }

    private static PhaseAxis of(ConvGeometry g, int phase, int kernel, int size) {
        int stride = g.stride();
        int firstTap = (phase + g.padding()) % stride;
        int taps = firstTap < kernel ? (kernel - 1 - firstTap) / stride + 1 : 0;
        int before = taps - 1 - (phase + g.padding()) / stride;
        return new PhaseAxis(phase, Math.ceilDiv(size - phase, stride), firstTap, taps, before, stride);
    }

    /** Kernel position of a place in the flipped kernel. */
    int tap(int place) {
        return firstTap + (taps - 1 - place) * stride;
    }

    /** Where the gradients of a phase lie in the gradient of the input. */
    static RowMap map(ConvGeometry g, PhaseAxis rows, PhaseAxis columns) {
        int pixel = g.inChannels();
        int line = g.width() * pixel;
        return new RowMap(
                rows.phase * line + columns.phase * pixel,
                g.stride() * pixel,
                columns.pixels,
                g.stride() * line,
                rows.pixels,
                g.height() * line);
    }
}
