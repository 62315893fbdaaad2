package io.stamp.kernels.dnn;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.device.Queue;

/**
 * Convolutions on copies in bfloat16: both operands are rounded into scratch memory, and the result, which the library sums up in float32
 * and rounds to bfloat16, is widened. convert.cu.
 */
final class Bfloat16Copies {
    private static final int BYTES = 2;
    private static final int PACK = 4;

    /** Channels that tensor cores take at a time, and so many that products outweigh the copying; a guess that waits for a measurement. */
    private static final int MULTIPLE = 8;

    private static final int ENOUGH_CHANNELS = 64;

    private Bfloat16Copies() {}

    /** Whether the fixed rule takes copies. */
    static boolean comeFirst(ConvGeometry g) {
        return isWide(g.groupInChannels()) && isWide(g.groupOutChannels());
    }

    private static boolean isWide(int channels) {
        return channels % MULTIPLE == 0 && channels >= ENOUGH_CHANNELS;
    }

    /** A way for float32 arrays, from one for arrays of bfloat16. */
    static ConvWay around(ConvWay way, ConvWork work, Queue queue) {
        return ConvWay.of("bf16 " + way.name(), operands -> {
            long first = rounded(operands.first(), work.firstSize(), queue);
            long second = rounded(operands.second(), work.secondSize(), queue);
            long result = scratch(work.resultSize(), queue);
            way.run(ConvOperands.of(first, second, result));
            convert("from_bfloat16", result, operands.result(), work.resultSize(), queue);
        });
    }

    private static long rounded(long values, int count, Queue queue) {
        long copy = scratch(count, queue);
        convert("to_bfloat16", values, copy, count, queue);
        return copy;
    }

    private static long scratch(int count, Queue queue) {
        return queue.scratch((long) BYTES * count).address();
    }

    private static void convert(String kernel, long from, long to, int count, Queue queue) {
        queue.launch(kernel).pointer(from).pointer(to).integer(count).over(Math.ceilDiv(count, PACK));
    }
}
