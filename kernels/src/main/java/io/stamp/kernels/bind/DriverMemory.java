package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/** Copies and pinned memory; addresses of either side, counts in bytes. Everything but the pinned memory itself is asynchronous. */
public final class DriverMemory {
    private static final NativeFunction HOST_ALLOCATE = Driver.function("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
    private static final NativeFunction HOST_FREE = Driver.function("cuMemFreeHost", JAVA_LONG);
    private static final NativeFunction TO_DEVICE =
            Driver.function("cuMemcpyHtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final NativeFunction TO_HOST =
            Driver.function("cuMemcpyDtoHAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final NativeFunction ON_DEVICE =
            Driver.function("cuMemcpyDtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final NativeFunction FILL =
            Driver.function("cuMemsetD8Async", JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_LONG);

    private DriverMemory() {}

    /** Host memory that the device reads and writes by itself; its address. */
    public static long allocatePinned(long bytes) {
        return HOST_ALLOCATE.result(bytes, 0);
    }

    /** Returns memory from {@link #allocatePinned}. */
    public static void freePinned(long address) {
        HOST_FREE.call(address);
    }

    /** From pinned memory to the device. */
    public static void copyToDevice(long target, long source, long bytes, long stream) {
        int status;
        try {
            status = (int) TO_DEVICE.handle().invokeExact(target, source, bytes, stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw TO_DEVICE.failure(status, target, source, bytes, stream);
        }
    }

    /** From the device to pinned memory. */
    public static void copyToHost(long target, long source, long bytes, long stream) {
        int status;
        try {
            status = (int) TO_HOST.handle().invokeExact(target, source, bytes, stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw TO_HOST.failure(status, target, source, bytes, stream);
        }
    }

    /** Within the device. */
    public static void copyOnDevice(long target, long source, long bytes, long stream) {
        int status;
        try {
            status = (int) ON_DEVICE.handle().invokeExact(target, source, bytes, stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw ON_DEVICE.failure(status, target, source, bytes, stream);
        }
    }

    /** Sets bytes of the device to 0. */
    public static void clear(long address, long bytes, long stream) {
        int status;
        try {
            status = (int) FILL.handle().invokeExact(address, (byte) 0, bytes, stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw FILL.failure(status, address, (byte) 0, bytes, stream);
        }
    }
}
