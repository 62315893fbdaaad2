package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Handles and descriptors of cuDNN 9. */
public final class Cudnn {
    private static final int NHWC = 1;
    private static final int FLOAT32 = 0;
    private static final int CROSS_CORRELATION = 1;
    private static final int NOT_SUPPORTED = 3000;
    private static final int STATUS_CATEGORY = 1000;

    private static final MethodHandle ERROR_STRING =
            Libraries.handle(CudaLibrary.CUDNN, "cudnnGetErrorString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final NativeFunction CREATE = function("cudnnCreate", ADDRESS);
    private static final NativeFunction DESTROY = function("cudnnDestroy", JAVA_LONG);
    private static final NativeFunction SET_STREAM = function("cudnnSetStream", JAVA_LONG, JAVA_LONG);

    private static final NativeFunction CREATE_TENSOR = function("cudnnCreateTensorDescriptor", ADDRESS);
    private static final NativeFunction SET_TENSOR = function(
            "cudnnSetTensor4dDescriptor", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final NativeFunction DESTROY_TENSOR = function("cudnnDestroyTensorDescriptor", JAVA_LONG);
    private static final NativeFunction CREATE_FILTER = function("cudnnCreateFilterDescriptor", ADDRESS);
    private static final NativeFunction SET_FILTER = function(
            "cudnnSetFilter4dDescriptor", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final NativeFunction DESTROY_FILTER = function("cudnnDestroyFilterDescriptor", JAVA_LONG);
    private static final NativeFunction CREATE_CONVOLUTION = function("cudnnCreateConvolutionDescriptor", ADDRESS);
    private static final NativeFunction SET_CONVOLUTION = function(
            "cudnnSetConvolution2dDescriptor",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT);
    private static final NativeFunction SET_GROUPS = function("cudnnSetConvolutionGroupCount", JAVA_LONG, JAVA_INT);
    private static final NativeFunction SET_MATH = function("cudnnSetConvolutionMathType", JAVA_LONG, JAVA_INT);
    private static final NativeFunction DESTROY_CONVOLUTION = function("cudnnDestroyConvolutionDescriptor", JAVA_LONG);

    private Cudnn() {}

    /** A function of cuDNN that returns a {@code cudnnStatus_t}. */
    static NativeFunction function(String name, MemoryLayout... parameters) {
        return Libraries.function(
                CudaLibrary.CUDNN, name, Cudnn::statusText, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** The library's words for a status. */
    public static String statusText(int status) {
        try {
            return "status " + status + ", " + NativeText.of((MemorySegment) ERROR_STRING.invokeExact(status));
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
    }

    /** Whether a status says that the library, or the device, does not do what was asked for. Several reasons have numbers of their own. */
    static boolean isUnsupported(int status) {
        return status >= NOT_SUPPORTED && status < NOT_SUPPORTED + STATUS_CATEGORY;
    }

    /** A handle for the calling thread's context. */
    public static long create() {
        return CREATE.result();
    }

    public static void destroy(long handle) {
        DESTROY.call(handle);
    }

    public static void setStream(long handle, long stream) {
        SET_STREAM.call(handle, stream);
    }

    /**
     * Describes a dense array {@code [images, height, width, channels]}; destroy it with {@link #destroyTensor}.
     *
     * @param type a {@code cudnnDataType_t}
     */
    public static long tensor(int type, int images, int height, int width, int channels) {
        return Creation.of(
                CREATE_TENSOR.result(),
                descriptor -> SET_TENSOR.call(descriptor, NHWC, type, images, channels, height, width),
                Cudnn::destroyTensor);
    }

    public static void destroyTensor(long descriptor) {
        DESTROY_TENSOR.call(descriptor);
    }

    /**
     * Describes dense weights {@code [outputs, height, width, inputs]}; destroy it with {@link #destroyFilter}.
     *
     * @param type a {@code cudnnDataType_t}
     */
    public static long filter(int type, int outputs, int height, int width, int inputs) {
        return Creation.of(
                CREATE_FILTER.result(),
                descriptor -> SET_FILTER.call(descriptor, type, NHWC, outputs, inputs, height, width),
                Cudnn::destroyFilter);
    }

    public static void destroyFilter(long descriptor) {
        DESTROY_FILTER.call(descriptor);
    }

    /**
     * Describes a convolution that accumulates in float32; destroy it with {@link #destroyConvolution}.
     *
     * @param math a {@code cudnnMathType_t}
     */
    public static long convolution(int padding, int stride, int groups, int math) {
        return Creation.of(
                CREATE_CONVOLUTION.result(),
                descriptor -> {
                    SET_CONVOLUTION.call(
                            descriptor, padding, padding, stride, stride, 1, 1, CROSS_CORRELATION, FLOAT32);
                    SET_GROUPS.call(descriptor, groups);
                    SET_MATH.call(descriptor, math);
                },
                Cudnn::destroyConvolution);
    }

    public static void destroyConvolution(long descriptor) {
        DESTROY_CONVOLUTION.call(descriptor);
    }
}
