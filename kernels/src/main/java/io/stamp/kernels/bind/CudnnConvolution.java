package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * One of cuDNN's three convolutions. The functions of the three have the same parameters: two arrays that are read with their
 * descriptors, the convolution, and the array that is written with its descriptor.
 */
public record CudnnConvolution(NativeFunction getAlgorithms, NativeFunction getWorkspace, NativeFunction run) {
    /** Reads input and weights, writes the output. */
    public static final CudnnConvolution FORWARD = named("Forward");

    /** Reads weights and the output's gradient, writes the input's gradient. */
    public static final CudnnConvolution BACKWARD_DATA = named("BackwardData");

    /** Reads input and the output's gradient, writes the weights' gradient. */
    public static final CudnnConvolution BACKWARD_FILTER = named("BackwardFilter");

    /** The descriptors of a call: of the two arrays read, the convolution, and the array written. */
    public record Descriptors(long first, long second, long convolution, long result) {}

    /** A choice that cuDNN offers; {@code status} is 0 where it works, {@code determinism} is 1 where its bits are always the same. */
    public record Algorithm(int id, int status, int determinism) {}

    /** {@code cudnnConvolution*AlgoPerf_t} has fields of four bytes, but for the memory, and three reserved ones at the end. */
    private static final int RESULT_BYTES = 48;

    private static final int STATUS_OFFSET = 4;
    private static final int DETERMINISM_OFFSET = 24;
    private static final int MOST_RESULTS = 16;

    private static CudnnConvolution named(String name) {
        return new CudnnConvolution(
                function("cudnnGetConvolution" + name + "Algorithm_v7", 5, JAVA_INT, ADDRESS, ADDRESS),
                function("cudnnGetConvolution" + name + "WorkspaceSize", 5, JAVA_INT, ADDRESS),
                function(
                        "cudnnConvolution" + name, 7, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    }

    private static NativeFunction function(String name, int leadingHandles, MemoryLayout... others) {
        List<MemoryLayout> parameters = new ArrayList<>();
        for (int i = 0; i < leadingHandles; i++) {
            parameters.add(JAVA_LONG);
        }
        parameters.addAll(List.of(others));
        return Cudnn.function(name, parameters.toArray(MemoryLayout[]::new));
    }

    /**
     * The algorithms for a convolution, the one that cuDNN's heuristic expects to be fastest first. Nothing is run: the same library
     * gives the same answer on the same device. None where the library does not support the convolution.
     */
    public List<Algorithm> algorithms(long handle, Descriptors d) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            MemorySegment results = arena.allocate((long) MOST_RESULTS * RESULT_BYTES, Long.BYTES);
            int status = getAlgorithms.status(
                    handle, d.first(), d.second(), d.convolution(), d.result(), MOST_RESULTS, count, results);
            if (Cudnn.isUnsupported(status)) {
                return List.of();
            }
            if (status != 0) {
                throw getAlgorithms.failure(status, handle, d);
            }
            List<Algorithm> algorithms = new ArrayList<>();
            for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
                MemorySegment performance = results.asSlice((long) i * RESULT_BYTES, RESULT_BYTES);
                algorithms.add(new Algorithm(
                        performance.get(JAVA_INT, 0),
                        performance.get(JAVA_INT, STATUS_OFFSET),
                        performance.get(JAVA_INT, DETERMINISM_OFFSET)));
            }
            return algorithms;
        }
    }

    /** Bytes of device memory that an algorithm needs beside the arrays; empty where it does not do this convolution. */
    public OptionalLong workspaceBytes(long handle, Descriptors d, int algorithm) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(JAVA_LONG);
            int status =
                    getWorkspace.status(handle, d.first(), d.second(), d.convolution(), d.result(), algorithm, bytes);
            return status == 0 ? OptionalLong.of(bytes.get(JAVA_LONG, 0)) : OptionalLong.empty();
        }
    }

    /**
     * {@code result = alpha conv(first, second) + beta result}.
     *
     * @param alpha address on the host of a float
     * @param beta address on the host of a float
     */
    public void run(
            long handle,
            Descriptors d,
            int algorithm,
            long alpha,
            long first,
            long second,
            long workspace,
            long workspaceBytes,
            long beta,
            long result) {
        int status;
        try {
            status = (int) run.handle()
                    .invokeExact(
                            handle,
                            alpha,
                            d.first(),
                            first,
                            d.second(),
                            second,
                            d.convolution(),
                            algorithm,
                            workspace,
                            workspaceBytes,
                            beta,
                            d.result(),
                            result);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw run.failure(status, "algorithm " + algorithm, first, second, workspaceBytes + " bytes", result);
        }
    }
}
