package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * A C function that returns a status, 0 for success. Hot calls go through {@link #handle()} with {@code invokeExact}; a record in a
 * static final field is constant for the compiler, so that such a call costs what the C call costs. All others use {@link #call}.
 *
 * @param name the symbol
 * @param handle calls it; where the library or the symbol is missing it throws the {@link io.stamp.engine.StampException} that says why
 * @param statusText what the library says about a status
 */
public record NativeFunction(String name, MethodHandle handle, IntFunction<String> statusText) {
    /** Numbers from here on are shown as addresses. */
    private static final long SMALLEST_ADDRESS = 1L << 32;

    /** Calls the function; a status other than 0 is a {@link CudaException}. For calls that are rare. */
    public void call(Object... arguments) {
        int status = status(arguments);
        if (status != 0) {
            throw failure(status, arguments);
        }
    }

    /** Calls the function and returns its status. */
    public int status(Object... arguments) {
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Calls a function whose first parameter points to its result of 8 bytes, such as a handle, and returns that. */
    public long result(Object... followingArguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            Object[] arguments = new Object[followingArguments.length + 1];
            arguments[0] = result;
            System.arraycopy(followingArguments, 0, arguments, 1, followingArguments.length);
            call(arguments);
            return result.get(JAVA_LONG, 0);
        }
    }

    /** The exception for a status: the call with its arguments, and the library's own words. */
    public CudaException failure(int status, Object... arguments) {
        String words = statusText.apply(status);
        return new CudaException(
                name, status, shown(arguments) + " failed: " + words + (words.endsWith(".") ? "" : "."));
    }

    private String shown(Object[] arguments) {
        return name + Arrays.stream(arguments).map(NativeFunction::shown).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String shown(Object argument) {
        return switch (argument) {
            case MemorySegment segment -> "0x" + Long.toHexString(segment.address());
            case Long number when number >= SMALLEST_ADDRESS -> "0x" + Long.toHexString(number);
            default -> String.valueOf(argument);
        };
    }

    /** What a method handle threw, as an exception that needs no declaration; those of this package come through unchanged. */
    public static RuntimeException unexpected(Throwable thrown) {
        return switch (thrown) {
            case RuntimeException runtime -> runtime;
            case Error error -> throw error;
            default -> new IllegalStateException("A C function threw a checked exception.", thrown);
        };
    }
}
