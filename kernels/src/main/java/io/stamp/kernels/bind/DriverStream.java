package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Streams, which run work in order, and events, which mark a place in that order. Both are handles. */
public final class DriverStream {
    private static final int NON_BLOCKING = 1;
    private static final int WITH_TIMING = 0;
    private static final int WITHOUT_TIMING = 2;

    private static final NativeFunction CREATE = Driver.function("cuStreamCreate", ADDRESS, JAVA_INT);
    private static final NativeFunction DESTROY = Driver.function("cuStreamDestroy_v2", JAVA_LONG);
    private static final NativeFunction SYNCHRONISE = Driver.function("cuStreamSynchronize", JAVA_LONG);
    private static final NativeFunction CREATE_EVENT = Driver.function("cuEventCreate", ADDRESS, JAVA_INT);
    private static final NativeFunction DESTROY_EVENT = Driver.function("cuEventDestroy_v2", JAVA_LONG);
    private static final NativeFunction RECORD_EVENT = Driver.function("cuEventRecord", JAVA_LONG, JAVA_LONG);
    private static final NativeFunction AWAIT_EVENT = Driver.function("cuEventSynchronize", JAVA_LONG);
    private static final NativeFunction ELAPSED_TIME =
            Driver.function("cuEventElapsedTime", ADDRESS, JAVA_LONG, JAVA_LONG);

    private DriverStream() {}

    /** A stream that does not wait for the default stream of other code in the process. */
    public static long create() {
        return CREATE.result(NON_BLOCKING);
    }

    public static void destroy(long stream) {
        DESTROY.call(stream);
    }

    /** Waits until the work of a stream is done. */
    public static void synchronise(long stream) {
        int status;
        try {
            status = (int) SYNCHRONISE.handle().invokeExact(stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw SYNCHRONISE.failure(status, stream);
        }
    }

    /** An event that takes no time stamps. */
    public static long createEvent() {
        return CREATE_EVENT.result(WITHOUT_TIMING);
    }

    /** An event for {@link #microsecondsBetween}. */
    public static long createTimingEvent() {
        return CREATE_EVENT.result(WITH_TIMING);
    }

    public static void destroyEvent(long event) {
        DESTROY_EVENT.call(event);
    }

    /** Lets an event stand for all that the stream has been given so far. */
    public static void recordEvent(long event, long stream) {
        int status;
        try {
            status = (int) RECORD_EVENT.handle().invokeExact(event, stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw RECORD_EVENT.failure(status, event, stream);
        }
    }

    /** Waits for what an event stands for; returns at once for one that was never recorded. */
    public static void awaitEvent(long event) {
        int status;
        try {
            status = (int) AWAIT_EVENT.handle().invokeExact(event);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw AWAIT_EVENT.failure(status, event);
        }
    }

    /** The device's time between two timing events that have happened. */
    public static double microsecondsBetween(long start, long end) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment milliseconds = arena.allocate(JAVA_FLOAT);
            ELAPSED_TIME.call(milliseconds, start, end);
            return milliseconds.get(JAVA_FLOAT, 0) * 1e3;
        }
    }
}
