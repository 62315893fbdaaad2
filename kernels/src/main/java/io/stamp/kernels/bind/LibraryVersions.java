package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Versions of the libraries, as far as they tell them without a device. */
public final class LibraryVersions {
    private LibraryVersions() {}

    /** Of the driver: the CUDA version that it supports. */
    public static String driver() {
        return cuda(Driver.version());
    }

    /** For people, from 1000 times the major number plus 10 times the minor one. */
    public static String cuda(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    /** Of cuBLASLt, which comes with cuBLAS, as 10000 times the major number, 100 times the minor one, and the patch. */
    public static long cublasNumber() {
        return number(CudaLibrary.CUBLAS_LT, "cublasLtGetVersion");
    }

    public static String cudnn() {
        return triple(cudnnNumber());
    }

    /** The version as 10000 times the major number, 100 times the minor one, and the patch. */
    public static long cudnnNumber() {
        return number(CudaLibrary.CUDNN, "cudnnGetVersion");
    }

    /** Of cuDNN 8, which numbers its versions as 1000 times the major number, 100 times the minor one, and the patch. */
    public static String cudnn8() {
        long version = number(CudaLibrary.CUDNN_8, "cudnnGetVersion");
        return version / 1000 + "." + version % 1000 / 100 + "." + version % 100;
    }

    /** The result of a function without parameters, which is too rarely called to keep its handle. */
    private static long number(CudaLibrary library, String function) {
        MethodHandle version = Libraries.handle(library, function, FunctionDescriptor.of(JAVA_LONG));
        try {
            return (long) version.invokeExact();
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
    }

    /** For people, from 10000 times the major number, 100 times the minor one, and the patch. */
    public static String triple(long version) {
        return version / 10000 + "." + version % 10000 / 100 + "." + version % 100;
    }
}
