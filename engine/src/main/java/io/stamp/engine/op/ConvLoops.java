package io.stamp.engine.op;

import io.stamp.engine.ConvGeometry;

/** The loop nest that the definitions of a convolution and of its two gradients share. */
final class ConvLoops {
    private ConvLoops() {}

    /** Handles one run of {@code channels} contiguous input channels that meet one kernel position and one output element. */
    @FunctionalInterface
    interface Body {
        void run(int inputOffset, int weightOffset, int outputIndex, int channels);
    }

    static void forEach(ConvGeometry g, Body body) {
        int inPerGroup = g.inChannels() / g.groups();
        int outPerGroup = g.outChannels() / g.groups();
        for (int n = 0; n < g.batch(); n++) {
            for (int oy = 0; oy < g.outHeight(); oy++) {
                for (int ox = 0; ox < g.outWidth(); ox++) {
                    for (int o = 0; o < g.outChannels(); o++) {
                        int output = ((n * g.outHeight() + oy) * g.outWidth() + ox) * g.outChannels() + o;
                        kernelPositions(g, n, oy, ox, o, o / outPerGroup * inPerGroup, inPerGroup, output, body);
                    }
                }
            }
        }
    }

    private static void kernelPositions(
            ConvGeometry g, int n, int oy, int ox, int o, int firstChannel, int channels, int output, Body body) {
        for (int ky = 0; ky < g.kernelHeight(); ky++) {
            int y = oy * g.stride() + ky - g.padding();
            if (y < 0 || y >= g.height()) {
                continue;
            }
            for (int kx = 0; kx < g.kernelWidth(); kx++) {
                int x = ox * g.stride() + kx - g.padding();
                if (x >= 0 && x < g.width()) {
                    int input = ((n * g.height() + y) * g.width() + x) * g.inChannels() + firstChannel;
                    int weight = ((o * g.kernelHeight() + ky) * g.kernelWidth() + kx) * channels;
                    body.run(input, weight, output, channels);
                }
            }
        }
    }
}
