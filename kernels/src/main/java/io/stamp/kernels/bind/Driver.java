package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/** What concerns the whole driver: its version, its words for errors, and which context the calling thread uses. */
public final class Driver {
    /** Status of a driver that found no device. */
    public static final int NO_DEVICE = 100;

    /** Status of an allocation for which the device has no memory left. */
    public static final int OUT_OF_MEMORY = 2;

    private static final NativeFunction ERROR_NAME = unchecked("cuGetErrorName", JAVA_INT, ADDRESS);
    private static final NativeFunction ERROR_STRING = unchecked("cuGetErrorString", JAVA_INT, ADDRESS);
    private static final NativeFunction GET_VERSION = function("cuDriverGetVersion", ADDRESS);
    private static final NativeFunction SET_CONTEXT = function("cuCtxSetCurrent", JAVA_LONG);

    private Driver() {}

    /** A function of the driver that returns a {@code CUresult}. */
    static NativeFunction function(String name, MemoryLayout... parameters) {
        return Libraries.function(
                CudaLibrary.CUDA, name, Driver::statusText, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static NativeFunction unchecked(String name, MemoryLayout... parameters) {
        return Libraries.function(
                CudaLibrary.CUDA, name, status -> "status " + status, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** The driver's name and words for a status, such as {@code CUDA_ERROR_OUT_OF_MEMORY (out of memory)}. */
    public static String statusText(int status) {
        String name = text(ERROR_NAME, status);
        String text = text(ERROR_STRING, status);
        if (name.isEmpty()) {
            return "status " + status + ", which this driver does not know.";
        }
        return name + " (" + text + ")" + advice(status);
    }

    private static String text(NativeFunction function, int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            return function.status(status, pointer) == 0 ? NativeText.of(pointer.get(ADDRESS, 0)) : "";
        }
    }

    private static String advice(int status) {
        if (losesDevice(status)) {
            return "; this process cannot use the device any more, start it again"
                    + " (with -Dstamp.cuda.synchronous=true the op that caused it is named).";
        }
        return status == NO_DEVICE ? "; check with nvidia-smi that the machine or container has a device." : ".";
    }

    /** Whether every further call of this process fails after one that had that status. */
    static boolean losesDevice(int status) {
        return switch (status) {
            // Device unavailable; memory error that could not be corrected, or was contained; illegal address, launch
            // time-out, assertion, hardware stack error, illegal instruction, misaligned address, illegal address
            // space,
            // illegal program counter, launch failed; tensor memory leak.
            case 46, 214, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721 -> true;
            default -> false;
        };
    }

    /** The CUDA version that the driver supports, as 1000 times the major number plus 10 times the minor one. */
    public static int version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment version = arena.allocate(JAVA_INT);
            GET_VERSION.call(version);
            return version.get(JAVA_INT, 0);
        }
    }

    /** Makes a context the one that the calling thread's further calls use. */
    public static void setContext(long context) {
        int status;
        try {
            status = (int) SET_CONTEXT.handle().invokeExact(context);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw SET_CONTEXT.failure(status, context);
        }
    }
}
