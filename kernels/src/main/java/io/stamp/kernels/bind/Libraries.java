package io.stamp.kernels.bind;

import io.stamp.engine.StampException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** The libraries of this process. One that was found stays loaded; one that was not is searched for again when it is asked for. */
public final class Libraries {
    private static final Map<CudaLibrary, Finding> FOUND = new EnumMap<>(CudaLibrary.class);

    private Libraries() {}

    /** Where a library was found, or what was tried. */
    public static synchronized Finding find(CudaLibrary library) {
        Finding known = FOUND.get(library);
        if (known != null) {
            return known;
        }
        if (library != CudaLibrary.CUDA && library != CudaLibrary.CUBLAS_LT) {
            // They need it, and the system's loader would not look where this search does.
            find(CudaLibrary.CUBLAS_LT);
        }
        Finding finding = LibrarySearch.find(library, Environment.ofProcess(), loader());
        if (finding.found()) {
            FOUND.put(library, finding);
        }
        return finding;
    }

    private static LibraryLoader loader() {
        if (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
            return new DynamicLoader();
        }
        return new NoLoader();
    }

    /** A function of a library; where one of the two is missing, calling it throws the {@link StampException} that says why. */
    static NativeFunction function(
            CudaLibrary library, String name, IntFunction<String> statusText, FunctionDescriptor descriptor) {
        return new NativeFunction(name, handle(library, name, descriptor), statusText);
    }

    @SuppressWarnings("restricted")
    static MethodHandle handle(CudaLibrary library, String name, FunctionDescriptor descriptor) {
        Finding finding = find(library);
        if (!finding.found()) {
            return failing(descriptor, finding.whyMissing());
        }
        Optional<MemorySegment> address = DynamicLoader.symbol(finding.handle(), name);
        if (address.isEmpty()) {
            return failing(
                    descriptor,
                    "The library " + finding.file().orElseThrow() + " has no function " + name
                            + "; install the version that STAMP needs: " + String.join(" or ", library.fileNames())
                            + ".");
        }
        return Linker.nativeLinker().downcallHandle(address.get(), descriptor);
    }

    private static MethodHandle failing(FunctionDescriptor descriptor, String sentence) {
        var type = descriptor.toMethodType();
        MethodHandle thrower = MethodHandles.throwException(type.returnType(), StampException.class);
        try {
            MethodHandle make = MethodHandles.lookup()
                    .findConstructor(StampException.class, MethodType.methodType(void.class, String.class));
            MethodHandle bound = MethodHandles.foldArguments(thrower, make.bindTo(sentence));
            return MethodHandles.dropArguments(bound, 0, type.parameterList());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
