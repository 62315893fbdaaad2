package io.stamp.engine.vector.layout;

import io.stamp.engine.vector.runtime.Lanes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Moves vectors of pixels between tensors, whose channels are interleaved, and planes of one channel each.
 *
 * @param reach elements of the tensor that a split or a join away from an edge touches from the first one on
 */
public record Planes(int reach, List<Block> splits, List<Block> joins) {
    private static final Map<Integer, Planes> ALL = new ConcurrentHashMap<>();

    /** Up to a vector of neighbouring channels. */
    private record Block(int first, int step, LaneTranspose transpose) {}

    public static Planes of(int channels) {
        return ALL.computeIfAbsent(channels, Planes::make);
    }

    private static Planes make(int channels) {
        List<Block> splits = blocks(channels, true);
        Block last = splits.getLast();
        int reach = last.first + (last.transpose.vectors() - 1) * last.step + Lanes.COUNT;
        return new Planes(reach, splits, blocks(channels, false));
    }

    private static List<Block> blocks(int channels, boolean split) {
        List<Block> blocks = new ArrayList<>();
        for (int first = 0; first < channels; first += Lanes.COUNT) {
            int count = Math.min(Lanes.COUNT, channels - first);
            LaneTranspose transpose = LaneTranspose.of(count, count == channels, split);
            blocks.add(new Block(first, transpose.pixels() * channels, transpose));
        }
        return List.copyOf(blocks);
    }

    /**
     * Writes a vector of pixels from {@code x[offset ...]} on to the planes at {@code planes[target + channel * distance]}.
     *
     * @param scratch {@link LaneTranspose#SCRATCH} floats
     */
    public void split(float[] x, int offset, float[] planes, int target, int distance, float[] scratch) {
        boolean edge = x.length - offset < reach;
        for (int i = 0; i < splits.size(); i++) {
            Block block = splits.get(i);
            int first = target + block.first * distance;
            block.transpose.run(x, offset + block.first, block.step, planes, first, distance, edge, scratch);
        }
    }

    /**
     * The reverse of {@link #split}. Unless at an edge, it spoils less than a vector of elements after the pixels: write pixels in
     * ascending order, the last ones as an edge.
     */
    public void join(float[] planes, int source, int distance, float[] y, int offset, boolean edge, float[] scratch) {
        // Upper channels first: what they spoil is the next pixel's lower channels.
        for (int i = joins.size() - 1; i >= 0; i--) {
            Block block = joins.get(i);
            int first = source + block.first * distance;
            block.transpose.run(planes, first, distance, y, offset + block.first, block.step, edge, scratch);
        }
    }
}
