package io.stamp.bench.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The few functions of the system's C library that Java has no counterpart for. */
public final class CLibrary {
    private CLibrary() {}

    /** The function {@code name}, which must have the signature {@code descriptor}; empty where the system has none. */
    @SuppressWarnings("restricted")
    public static Optional<MethodHandle> function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find(name).map(address -> linker.downcallHandle(address, descriptor));
    }
}
