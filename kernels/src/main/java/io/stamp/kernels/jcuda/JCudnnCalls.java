package io.stamp.kernels.jcuda;

import static io.stamp.kernels.jcuda.JCudaPointers.at;
import static io.stamp.kernels.jcuda.JCudaPointers.device;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.Creation;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.bind.CudnnFusedConvolution;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.dnn.ConvDirection;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.CudnnCalls;
import io.stamp.kernels.dnn.CudnnType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnNanPropagation;
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

    static void check(int status, String call, Object... arguments) {
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

    @Override
    public String description() {
        return "cuDNN " + LibraryVersions.cudnn8();
    }

    @Override
    public String binding() {
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
    public long tensor(CudnnType type, int images, int height, int width, int channels) {
        cudnnTensorDescriptor made = new cudnnTensorDescriptor();
        check(JCudnn.cudnnCreateTensorDescriptor(made), "cudnnCreateTensorDescriptor");
        return Creation.of(
                JCudaPointers.of(made),
                _ -> check(
                        JCudnn.cudnnSetTensor4dDescriptor(made, NHWC, type.number(), images, channels, height, width),
                        "cudnnSetTensor4dDescriptor",
                        images,
                        channels,
                        height,
                        width),
                this::destroyTensor);
    }

    @Override
    public void destroyTensor(long descriptor) {
        check(
                JCudnn.cudnnDestroyTensorDescriptor(JCudnnConvolution.tensor(descriptor)),
                "cudnnDestroyTensorDescriptor",
                descriptor);
    }

    @Override
    public long filter(CudnnType type, int outputs, int height, int width, int inputs) {
        cudnnFilterDescriptor made = new cudnnFilterDescriptor();
        check(JCudnn.cudnnCreateFilterDescriptor(made), "cudnnCreateFilterDescriptor");
        return Creation.of(
                JCudaPointers.of(made),
                _ -> check(
                        JCudnn.cudnnSetFilter4dDescriptor(made, type.number(), NHWC, outputs, inputs, height, width),
                        "cudnnSetFilter4dDescriptor",
                        outputs,
                        inputs,
                        height,
                        width),
                this::destroyFilter);
    }

    @Override
    public void destroyFilter(long descriptor) {
        check(
                JCudnn.cudnnDestroyFilterDescriptor(JCudnnConvolution.filter(descriptor)),
                "cudnnDestroyFilterDescriptor",
                descriptor);
    }

    @Override
    public long convolution(int padding, int stride, int groups, int math) {
        cudnnConvolutionDescriptor made = new cudnnConvolutionDescriptor();
        check(JCudnn.cudnnCreateConvolutionDescriptor(made), "cudnnCreateConvolutionDescriptor");
        return Creation.of(
                JCudaPointers.of(made),
                _ -> {
                    check(
                            JCudnn.cudnnSetConvolution2dDescriptor(
                                    made, padding, padding, stride, stride, 1, 1, CROSS_CORRELATION, FLOAT32),
                            "cudnnSetConvolution2dDescriptor",
                            padding,
                            stride);
                    check(JCudnn.cudnnSetConvolutionGroupCount(made, groups), "cudnnSetConvolutionGroupCount", groups);
                    check(JCudnn.cudnnSetConvolutionMathType(made, math), "cudnnSetConvolutionMathType", math);
                },
                this::destroyConvolution);
    }

    @Override
    public void destroyConvolution(long descriptor) {
        check(
                JCudnn.cudnnDestroyConvolutionDescriptor(JCudnnConvolution.convolution(descriptor)),
                "cudnnDestroyConvolutionDescriptor",
                descriptor);
    }

    @Override
    public long activation(boolean relu) {
        cudnnActivationDescriptor made = new cudnnActivationDescriptor();
        check(JCudnn.cudnnCreateActivationDescriptor(made), "cudnnCreateActivationDescriptor");
        int mode = relu ? cudnnActivationMode.CUDNN_ACTIVATION_RELU : cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY;
        return Creation.of(
                JCudaPointers.of(made),
                _ -> check(
                        JCudnn.cudnnSetActivationDescriptor(
                                made,
                                mode,
                                cudnnNanPropagation.CUDNN_NOT_PROPAGATE_NAN,
                                CudnnFusedConvolution.NO_BOUND),
                        "cudnnSetActivationDescriptor",
                        mode),
                this::destroyActivation);
    }

    @Override
    public void destroyActivation(long descriptor) {
        check(
                JCudnn.cudnnDestroyActivationDescriptor(at(new cudnnActivationDescriptor(), descriptor)),
                "cudnnDestroyActivationDescriptor",
                descriptor);
    }

    @Override
    public List<Algorithm> algorithms(ConvDirection direction, long handle, Descriptors descriptors) {
        return JCudnnConvolution.of(direction).algorithms(handle(handle), descriptors);
    }

    @Override
    public OptionalLong workspaceBytes(ConvDirection direction, long handle, Descriptors descriptors, int algorithm) {
        return JCudnnConvolution.of(direction).workspaceBytes(handle(handle), descriptors, algorithm);
    }

    @Override
    public void run(
            ConvDirection direction,
            long handle,
            Descriptors descriptors,
            int algorithm,
            long first,
            long second,
            long workspace,
            long workspaceBytes,
            long result) {
        JCudnnConvolution.of(direction)
                .run(handle(handle), descriptors, algorithm, first, second, workspace, workspaceBytes, result);
    }

    @Override
    public void runFused(
            long handle,
            CudnnFusedConvolution.Descriptors descriptors,
            int algorithm,
            ConvOperands operands,
            long workspace,
            long workspaceBytes) {
        Descriptors d = descriptors.convolution();
        boolean hasResidual = operands.residual() != 0;
        int status = JCudnn.cudnnConvolutionBiasActivationForward(
                handle(handle),
                one,
                JCudnnConvolution.tensor(d.first()),
                device(operands.first()),
                JCudnnConvolution.filter(d.second()),
                device(operands.second()),
                JCudnnConvolution.convolution(d.convolution()),
                algorithm,
                device(workspace),
                workspaceBytes,
                hasResidual ? one : zero,
                JCudnnConvolution.tensor(d.result()),
                device(hasResidual ? operands.residual() : operands.result()),
                JCudnnConvolution.tensor(descriptors.bias()),
                device(operands.bias()),
                at(new cudnnActivationDescriptor(), descriptors.activation()),
                JCudnnConvolution.tensor(d.result()),
                device(operands.result()));
        check(status, "cudnnConvolutionBiasActivationForward", "algorithm " + algorithm, operands);
    }
}
