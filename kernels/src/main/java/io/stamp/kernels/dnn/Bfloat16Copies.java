package io.stamp.kernels.dnn;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.device.CudaStream;

/**
 * Convolutions on copies in bfloat16: both operands are rounded into scratch memory, and the result, which the library sums up in float32
 * and rounds to bfloat16, is widened. convert.cu.
 */
final class Bfloat16Copies {
    private static final int BYTES = 2;
    private static final int PACK = 4;

    /** Channels that tensor cores take at a time, and so many that arithmetic outweighs copying; a guess that waits for a measurement. */
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

    /** An algorithm for float32 arrays, from one for arrays of bfloat16. */
    static ConvAlgorithm around(ConvAlgorithm algorithm, ConvProblem problem, CudaStream stream) {
        return ConvAlgorithm.of("bf16 " + algorithm.name(), operands -> {
            long first = rounded(operands.first(), problem.firstSize(), stream);
            long second = rounded(operands.second(), problem.secondSize(), stream);
            long result = scratch(problem.resultSize(), stream);
            algorithm.run(ConvOperands.of(first, second, result));
            convert("from_bfloat16", result, operands.result(), problem.resultSize(), stream);
        });
    }

    private static long rounded(long values, int count, CudaStream stream) {
        long copy = scratch(count, stream);
        convert("to_bfloat16", values, copy, count, stream);
        return copy;
    }

    private static long scratch(int count, CudaStream stream) {
        return stream.scratch((long) BYTES * count).address();
    }

    private static void convert(String kernel, long from, long to, int count, CudaStream stream) {
        stream.launch(kernel).pointer(from).pointer(to).integer(count).over(Math.ceilDiv(count, PACK));
    }
}
