package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/** cuDNN's convolution with bias, residual and activation in one call. */
public final class CudnnFusedConvolution {
    private static final int RELU = 1;
    private static final int IDENTITY = 5;
    /** The only mode that the call takes; it promises nothing for NaN. */
    private static final int DO_NOT_PROPAGATE_NAN = 0;

    /** cuDNN documents the coefficient as the upper bound of ReLU. The identity has none. */
    public static final double NO_BOUND = Double.MAX_VALUE;

    private static final NativeFunction CREATE_ACTIVATION = Cudnn.function("cudnnCreateActivationDescriptor", ADDRESS);
    private static final NativeFunction SET_ACTIVATION =
            Cudnn.function("cudnnSetActivationDescriptor", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_DOUBLE);
    private static final NativeFunction DESTROY_ACTIVATION =
            Cudnn.function("cudnnDestroyActivationDescriptor", JAVA_LONG);
    private static final NativeFunction RUN = Cudnn.function(
            "cudnnConvolutionBiasActivationForward",
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);

    private CudnnFusedConvolution() {}

    /**
     * The descriptors of a call.
     *
     * @param convolution of the convolution alone; the residual is described by that of the result
     * @param bias of {@code [1, 1, 1, channels]}
     * @param activation from {@link #activation}
     */
    public record Descriptors(CudnnConvolution.Descriptors convolution, long bias, long activation) {}

    /** Describes ReLU or the identity; destroy it with {@link #destroyActivation}. */
    public static long activation(boolean relu) {
        return Creation.of(
                CREATE_ACTIVATION.result(),
                descriptor -> SET_ACTIVATION.call(descriptor, relu ? RELU : IDENTITY, DO_NOT_PROPAGATE_NAN, NO_BOUND),
                CudnnFusedConvolution::destroyActivation);
    }

    public static void destroyActivation(long descriptor) {
        DESTROY_ACTIVATION.call(descriptor);
    }

    /**
     * {@code result = activation(alpha conv(input, weights) + beta residual + bias)}.
     *
     * @param alpha address on the host of a float
     * @param beta address on the host of a float; where that is 0, the residual is not read but has to be there
     */
    public static void run(
            long handle,
            Descriptors d,
            int algorithm,
            long alpha,
            long input,
            long weights,
            long workspace,
            long workspaceBytes,
            long beta,
            long residual,
            long bias,
            long result) {
        CudnnConvolution.Descriptors c = d.convolution();
        int status;
        try {
            status = (int) RUN.handle()
                    .invokeExact(
                            handle,
                            alpha,
                            c.first(),
                            input,
                            c.second(),
                            weights,
                            c.convolution(),
                            algorithm,
                            workspace,
                            workspaceBytes,
                            beta,
                            c.result(),
                            residual,
                            d.bias(),
                            bias,
                            d.activation(),
                            c.result(),
                            result);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw RUN.failure(
                    status,
                    "algorithm " + algorithm,
                    input,
                    weights,
                    workspaceBytes + " bytes",
                    residual,
                    bias,
                    result);
        }
    }
}
