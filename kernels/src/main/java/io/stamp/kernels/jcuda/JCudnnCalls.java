package io.stamp.kernels.jcuda;

import static io.stamp.kernels.jcuda.JCudaPointers.at;
import static io.stamp.kernels.jcuda.JCudaPointers.device;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.dnn.ConvDirection;
import io.stamp.kernels.dnn.CudnnCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.runtime.cudaStream_t;

/**
 * cuDNN 8 through JCudnn 11.7.0. Loaded by a class loader of its own, see {@link io.stamp.kernels.dnn.JCudnnLoader}, because JCudnn
 * goes with JCuda of its own version only.
 */
public final class JCudnnCalls implements CudnnCalls {
    private static final int NHWC = 1;
    private static final int FLOAT32 = 0;
    private static final int CROSS_CORRELATION = 1;
    private static final int MOST_ANSWERS = 16;
    private static final int MAJOR = 8;

    private final Pointer one = Pointer.to(new float[] {1});
    private final Pointer zero = Pointer.to(new float[] {0});

    /** @throws StampException if the library is of another version */
    public JCudnnCalls() {
        long version = JCudnn.cudnnGetVersion();
        if (version / 1000 != MAJOR) {
            throw new StampException("cuDNN says that its version is " + version
                    + ", and JCudnn needs 8.x; see `doctor` for where it came from.");
        }
    }

    private static void check(int status, String call, Object... arguments) {
        if (status != 0) {
            List<String> shown = new ArrayList<>();
            for (Object argument : arguments) {
                shown.add(String.valueOf(argument));
            }
            throw new CudaException(
                    call,
                    status,
                    call + "(" + String.join(", ", shown) + ") failed: status " + status + ", "
                            + JCudnn.cudnnGetErrorString(status));
        }
    }

    private static cudnnHandle handle(long address) {
        return at(new cudnnHandle(), address);
    }

    private static cudnnTensorDescriptor tensor(long address) {
        return at(new cudnnTensorDescriptor(), address);
    }

    private static cudnnFilterDescriptor filter(long address) {
        return at(new cudnnFilterDescriptor(), address);
    }

    private static cudnnConvolutionDescriptor convolution(long address) {
        return at(new cudnnConvolutionDescriptor(), address);
    }

    @Override
    public String description() {
        return "cuDNN " + LibraryVersions.cudnn8();
    }

    @Override
    public String way() {
        return "jcudnn";
    }

    @Override
    public long create() {
        cudnnHandle handle = new cudnnHandle();
        check(JCudnn.cudnnCreate(handle), "cudnnCreate");
        return JCudaPointers.of(handle);
    }

    @Override
    public void destroy(long handle) {
        check(JCudnn.cudnnDestroy(handle(handle)), "cudnnDestroy", handle);
    }

    @Override
    public void setStream(long handle, long stream) {
        check(JCudnn.cudnnSetStream(handle(handle), at(new cudaStream_t(), stream)), "cudnnSetStream", handle, stream);
    }

    @Override
    public long tensor(int images, int height, int width, int channels) {
        cudnnTensorDescriptor made = new cudnnTensorDescriptor();
        check(JCudnn.cudnnCreateTensorDescriptor(made), "cudnnCreateTensorDescriptor");
        check(
                JCudnn.cudnnSetTensor4dDescriptor(made, NHWC, FLOAT32, images, channels, height, width),
                "cudnnSetTensor4dDescriptor",
                images,
                channels,
                height,
                width);
        return JCudaPointers.of(made);
    }

    @Override
    public void destroyTensor(long descriptor) {
        check(JCudnn.cudnnDestroyTensorDescriptor(tensor(descriptor)), "cudnnDestroyTensorDescriptor", descriptor);
    }

    @Override
    public long filter(int outputs, int height, int width, int inputs) {
        cudnnFilterDescriptor made = new cudnnFilterDescriptor();
        check(JCudnn.cudnnCreateFilterDescriptor(made), "cudnnCreateFilterDescriptor");
        check(
                JCudnn.cudnnSetFilter4dDescriptor(made, FLOAT32, NHWC, outputs, inputs, height, width),
                "cudnnSetFilter4dDescriptor",
                outputs,
                inputs,
                height,
                width);
        return JCudaPointers.of(made);
    }

    @Override
    public void destroyFilter(long descriptor) {
        check(JCudnn.cudnnDestroyFilterDescriptor(filter(descriptor)), "cudnnDestroyFilterDescriptor", descriptor);
    }

    @Override
    public long convolution(int padding, int stride, int groups, int math) {
        cudnnConvolutionDescriptor made = new cudnnConvolutionDescriptor();
        check(JCudnn.cudnnCreateConvolutionDescriptor(made), "cudnnCreateConvolutionDescriptor");
        check(
                JCudnn.cudnnSetConvolution2dDescriptor(
                        made, padding, padding, stride, stride, 1, 1, CROSS_CORRELATION, FLOAT32),
                "cudnnSetConvolution2dDescriptor",
                padding,
                stride);
        check(JCudnn.cudnnSetConvolutionGroupCount(made, groups), "cudnnSetConvolutionGroupCount", groups);
        check(JCudnn.cudnnSetConvolutionMathType(made, math), "cudnnSetConvolutionMathType", math);
        return JCudaPointers.of(made);
    }

    @Override
    public void destroyConvolution(long descriptor) {
        check(
                JCudnn.cudnnDestroyConvolutionDescriptor(convolution(descriptor)),
                "cudnnDestroyConvolutionDescriptor",
                descriptor);
    }

    @Override
    public List<Algorithm> algorithms(ConvDirection direction, long handle, Descriptors d) {
        return switch (direction) {
            case FORWARD -> forwardAlgorithms(handle, d);
            case INPUT_GRADIENT -> inputGradientAlgorithms(handle, d);
            case WEIGHT_GRADIENT -> weightGradientAlgorithms(handle, d);
        };
    }

    private static List<Algorithm> forwardAlgorithms(long handle, Descriptors d) {
        var answers = new cudnnConvolutionFwdAlgoPerf[MOST_ANSWERS];
        for (int i = 0; i < MOST_ANSWERS; i++) {
            answers[i] = new cudnnConvolutionFwdAlgoPerf();
        }
        int[] count = new int[1];
        int status = JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                handle(handle),
                tensor(d.first()),
                filter(d.second()),
                convolution(d.convolution()),
                tensor(d.result()),
                MOST_ANSWERS,
                count,
                answers);
        check(status, "cudnnGetConvolutionForwardAlgorithm_v7");
        List<Algorithm> found = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            found.add(new Algorithm(answers[i].algo, answers[i].status, answers[i].determinism));
        }
        return found;
    }

    private static List<Algorithm> inputGradientAlgorithms(long handle, Descriptors d) {
        var answers = new cudnnConvolutionBwdDataAlgoPerf[MOST_ANSWERS];
        for (int i = 0; i < MOST_ANSWERS; i++) {
            answers[i] = new cudnnConvolutionBwdDataAlgoPerf();
        }
        int[] count = new int[1];
        int status = JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                handle(handle),
                filter(d.first()),
                tensor(d.second()),
                convolution(d.convolution()),
                tensor(d.result()),
                MOST_ANSWERS,
                count,
                answers);
        check(status, "cudnnGetConvolutionBackwardDataAlgorithm_v7");
        List<Algorithm> found = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            found.add(new Algorithm(answers[i].algo, answers[i].status, answers[i].determinism));
        }
        return found;
    }

    private static List<Algorithm> weightGradientAlgorithms(long handle, Descriptors d) {
        var answers = new cudnnConvolutionBwdFilterAlgoPerf[MOST_ANSWERS];
        for (int i = 0; i < MOST_ANSWERS; i++) {
            answers[i] = new cudnnConvolutionBwdFilterAlgoPerf();
        }
        int[] count = new int[1];
        int status = JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                handle(handle),
                tensor(d.first()),
                tensor(d.second()),
                convolution(d.convolution()),
                filter(d.result()),
                MOST_ANSWERS,
                count,
                answers);
        check(status, "cudnnGetConvolutionBackwardFilterAlgorithm_v7");
        List<Algorithm> found = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            found.add(new Algorithm(answers[i].algo, answers[i].status, answers[i].determinism));
        }
        return found;
    }

    @Override
    public OptionalLong workspaceBytes(ConvDirection direction, long handle, Descriptors d, int algorithm) {
        long[] bytes = new long[1];
        cudnnConvolutionDescriptor convolution = convolution(d.convolution());
        int status =
                switch (direction) {
                    case FORWARD ->
                        JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                                handle(handle),
                                tensor(d.first()),
                                filter(d.second()),
                                convolution,
                                tensor(d.result()),
                                algorithm,
                                bytes);
                    case INPUT_GRADIENT ->
                        JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                                handle(handle),
                                filter(d.first()),
                                tensor(d.second()),
                                convolution,
                                tensor(d.result()),
                                algorithm,
                                bytes);
                    case WEIGHT_GRADIENT ->
                        JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                                handle(handle),
                                tensor(d.first()),
                                tensor(d.second()),
                                convolution,
                                filter(d.result()),
                                algorithm,
                                bytes);
                };
        return status == 0 ? OptionalLong.of(bytes[0]) : OptionalLong.empty();
    }

    @Override
    public String statusText(int status) {
        return "status " + status + ", " + JCudnn.cudnnGetErrorString(status);
    }

    @Override
    public void run(
            ConvDirection direction,
            long handle,
            Descriptors d,
            int algorithm,
            long first,
            long second,
            long workspace,
            long workspaceBytes,
            long result) {
        cudnnConvolutionDescriptor convolution = convolution(d.convolution());
        int status =
                switch (direction) {
                    case FORWARD ->
                        JCudnn.cudnnConvolutionForward(
                                handle(handle),
                                one,
                                tensor(d.first()),
                                device(first),
                                filter(d.second()),
                                device(second),
                                convolution,
                                algorithm,
                                device(workspace),
                                workspaceBytes,
                                zero,
                                tensor(d.result()),
                                device(result));
                    case INPUT_GRADIENT ->
                        JCudnn.cudnnConvolutionBackwardData(
                                handle(handle),
                                one,
                                filter(d.first()),
                                device(first),
                                tensor(d.second()),
                                device(second),
                                convolution,
                                algorithm,
                                device(workspace),
                                workspaceBytes,
                                zero,
                                tensor(d.result()),
                                device(result));
                    case WEIGHT_GRADIENT ->
                        JCudnn.cudnnConvolutionBackwardFilter(
                                handle(handle),
                                one,
                                tensor(d.first()),
                                device(first),
                                tensor(d.second()),
                                device(second),
                                convolution,
                                algorithm,
                                device(workspace),
                                workspaceBytes,
                                zero,
                                filter(d.result()),
                                device(result));
                };
        check(status, "cudnnConvolution, " + direction, "algorithm " + algorithm, first, second, result);
    }
}
