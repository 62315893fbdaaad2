package io.stamp.tests.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;

/** Calls functions of a library by name; parameters have the types of the arguments. For tests, not for speed. */
final class NativeCalls {
    private final SymbolLookup symbols;

    @SuppressWarnings("restricted")
    NativeCalls(Path library) {
        symbols = SymbolLookup.libraryLookup(library, Arena.global());
    }

    /** A function that returns an int, mostly a status. */
    int call(String function, Object... arguments) {
        return (int) invoke(function, JAVA_INT, arguments);
    }

    long callLong(String function, Object... arguments) {
        return (long) invoke(function, JAVA_LONG, arguments);
    }

    void callVoid(String function, Object... arguments) {
        invoke(function, null, arguments);
    }

    /** The value that a function with status 0 puts where its first argument points to. */
    long result(String function, Object... others) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            Object[] arguments = new Object[others.length + 1];
            arguments[0] = result;
            System.arraycopy(others, 0, arguments, 1, others.length);
            int status = call(function, arguments);
            if (status != 0) {
                throw new AssertionError(function + " returned " + status);
            }
            return result.get(JAVA_LONG, 0);
        }
    }

    @SuppressWarnings("restricted")
    private Object invoke(String function, MemoryLayout result, Object... arguments) {
        MemoryLayout[] layouts =
                Arrays.stream(arguments).map(NativeCalls::layout).toArray(MemoryLayout[]::new);
        MemorySegment address =
                symbols.find(function).orElseThrow(() -> new AssertionError("the library has no function " + function));
        MethodHandle handle = Linker.nativeLinker()
                .downcallHandle(
                        address,
                        result == null ? FunctionDescriptor.ofVoid(layouts) : FunctionDescriptor.of(result, layouts));
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable t) {
            throw new AssertionError(function, t);
        }
    }

    private static MemoryLayout layout(Object argument) {
        return switch (argument) {
            case Integer _ -> JAVA_INT;
            case Long _ -> JAVA_LONG;
            case Float _ -> JAVA_FLOAT;
            case Double _ -> JAVA_DOUBLE;
            case MemorySegment _ -> ADDRESS;
            default -> throw new IllegalArgumentException(argument.getClass().getName());
        };
    }
}
