package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Where a window's elements lie from its start, in the order of the weights; kept, for the same layers come again and again. */
final class WindowOffsets {
    private static final Map<Key, int[]> ALL = new ConcurrentHashMap<>();

    private record Key(int rows, int columns, int channels, int rowStep, int columnStep, int channelStep) {
        int[] offsets() {
            int[] offsets = new int[rows * columns * channels];
            for (int i = 0; i < offsets.length; i++) {
                int tap = i / channels;
                offsets[i] = tap / columns * rowStep + tap % columns * columnStep + i % channels * channelStep;
            }
            return offsets;
        }
    }

    private WindowOffsets() {}

    /** Not to be changed. The steps are elements from one row, column or channel of the input to the next. */
    static int[] of(ConvGeometry g, int rowStep, int columnStep, int channelStep) {
        Key key = new Key(g.kernelHeight(), g.kernelWidth(), g.inChannels(), rowStep, columnStep, channelStep);
        return ALL.computeIfAbsent(key, Key::offsets);
    }
}
