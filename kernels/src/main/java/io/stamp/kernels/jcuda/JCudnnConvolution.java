package io.stamp.kernels.jcuda;

import static io.stamp.kernels.jcuda.JCudaPointers.at;
import static io.stamp.kernels.jcuda.JCudaPointers.device;

import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.bind.NativeFunction;
import io.stamp.kernels.dnn.ConvDirection;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnStatus;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * One of cuDNN 8's three convolutions. The functions of the three have the same parameters in C, whose types differ in JCudnn: they are
 * called through method handles, which cast the arguments.
 *
 * @param <A> what the library answers about an algorithm
 */
final class JCudnnConvolution<A> {
    private static final int MOST_RESULTS = 16;
    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});

    private static final JCudnnConvolution<?> FORWARD = new JCudnnConvolution<>(
            "Forward",
            List.of(JCudnnConvolution::tensor, JCudnnConvolution::filter, JCudnnConvolution::tensor),
            cudnnConvolutionFwdAlgoPerf[]::new,
            cudnnConvolutionFwdAlgoPerf::new,
            performance -> new Algorithm(performance.algo, performance.status, performance.determinism));

    private static final JCudnnConvolution<?> BACKWARD_DATA = new JCudnnConvolution<>(
            "BackwardData",
            List.of(JCudnnConvolution::filter, JCudnnConvolution::tensor, JCudnnConvolution::tensor),
            cudnnConvolutionBwdDataAlgoPerf[]::new,
            cudnnConvolutionBwdDataAlgoPerf::new,
            performance -> new Algorithm(performance.algo, performance.status, performance.determinism));

    private static final JCudnnConvolution<?> BACKWARD_FILTER = new JCudnnConvolution<>(
            "BackwardFilter",
            List.of(JCudnnConvolution::tensor, JCudnnConvolution::tensor, JCudnnConvolution::filter),
            cudnnConvolutionBwdFilterAlgoPerf[]::new,
            cudnnConvolutionBwdFilterAlgoPerf::new,
            performance -> new Algorithm(performance.algo, performance.status, performance.determinism));

    private final String name;
    /** Make the descriptors of the two arrays read and the one written. */
    private final List<LongFunction<NativePointerObject>> descriptors;

    private final IntFunction<A[]> makeResults;
    private final Supplier<A> makeResult;
    private final Function<A, Algorithm> algorithm;
    private final MethodHandle getAlgorithms;
    private final MethodHandle getWorkspace;
    private final MethodHandle run;

    private JCudnnConvolution(
            String name,
            List<LongFunction<NativePointerObject>> descriptors,
            IntFunction<A[]> makeResults,
            Supplier<A> makeResult,
            Function<A, Algorithm> algorithm) {
        this.name = name;
        this.descriptors = descriptors;
        this.makeResults = makeResults;
        this.makeResult = makeResult;
        this.algorithm = algorithm;
        getAlgorithms = function("cudnnGetConvolution" + name + "Algorithm_v7");
        getWorkspace = function("cudnnGetConvolution" + name + "WorkspaceSize");
        run = function("cudnnConvolution" + name);
    }

    static JCudnnConvolution<?> of(ConvDirection direction) {
        return switch (direction) {
            case FORWARD -> FORWARD;
            case INPUT_GRADIENT -> BACKWARD_DATA;
            case WEIGHT_GRADIENT -> BACKWARD_FILTER;
        };
    }

    private static MethodHandle function(String name) {
        try {
            return MethodHandles.publicLookup()
                    .unreflect(Arrays.stream(JCudnn.class.getMethods())
                            .filter(method -> method.getName().equals(name))
                            .findFirst()
                            .orElseThrow());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("JCudnn has other functions than the version that STAMP uses", e);
        }
    }

    static cudnnTensorDescriptor tensor(long address) {
        return at(new cudnnTensorDescriptor(), address);
    }

    static cudnnFilterDescriptor filter(long address) {
        return at(new cudnnFilterDescriptor(), address);
    }

    static cudnnConvolutionDescriptor convolution(long address) {
        return at(new cudnnConvolutionDescriptor(), address);
    }

    private NativePointerObject first(Descriptors d) {
        return descriptors.get(0).apply(d.first());
    }

    private NativePointerObject second(Descriptors d) {
        return descriptors.get(1).apply(d.second());
    }

    private NativePointerObject result(Descriptors d) {
        return descriptors.get(2).apply(d.result());
    }

    /** The algorithms, the one that cuDNN expects to be fastest first; none where it does not support the convolution. */
    List<Algorithm> algorithms(cudnnHandle handle, Descriptors d) {
        A[] results = makeResults.apply(MOST_RESULTS);
        Arrays.setAll(results, _ -> makeResult.get());
        int[] count = new int[1];
        int status;
        try {
            status = (int) getAlgorithms.invoke(
                    handle, first(d), second(d), convolution(d.convolution()), result(d), MOST_RESULTS, count, results);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status == cudnnStatus.CUDNN_STATUS_NOT_SUPPORTED || status == cudnnStatus.CUDNN_STATUS_ARCH_MISMATCH) {
            return List.of();
        }
        JCudnnCalls.check(status, "cudnnGetConvolution" + name + "Algorithm_v7");
        List<Algorithm> found = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            found.add(algorithm.apply(results[i]));
        }
        return found;
    }

    /** Bytes of device memory that an algorithm needs beside the arrays; empty where it does not do this convolution. */
    OptionalLong workspaceBytes(cudnnHandle handle, Descriptors d, int algorithm) {
        long[] bytes = new long[1];
        int status;
        try {
            status = (int) getWorkspace.invoke(
                    handle, first(d), second(d), convolution(d.convolution()), result(d), algorithm, bytes);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        return status == 0 ? OptionalLong.of(bytes[0]) : OptionalLong.empty();
    }

    /** {@code result = conv(first, second)}. */
    void run(
            cudnnHandle handle,
            Descriptors d,
            int algorithm,
            long first,
            long second,
            long workspace,
            long workspaceBytes,
            long result) {
        int status;
        try {
            status = (int) run.invoke(
                    handle,
                    ONE,
                    first(d),
                    device(first),
                    second(d),
                    device(second),
                    convolution(d.convolution()),
                    algorithm,
                    device(workspace),
                    workspaceBytes,
                    ZERO,
                    result(d),
                    device(result));
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        JCudnnCalls.check(status, "cudnnConvolution" + name, "algorithm " + algorithm, first, second, result);
    }
}
