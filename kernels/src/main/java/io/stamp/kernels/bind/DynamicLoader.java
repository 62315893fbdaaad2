package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The system's own loader of shared libraries. {@link java.lang.foreign.SymbolLookup} would do the same, but keeps the reason of a
 * failure to itself.
 */
final class DynamicLoader implements LibraryLoader {
    private static final int NOW = 2;
    private static final Path MAPPED_FILES = Path.of("/proc/self/maps");

    private static final MethodHandle OPEN = system("dlopen", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT));
    private static final MethodHandle SYMBOL = system("dlsym", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS));
    private static final MethodHandle CLOSE = system("dlclose", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
    private static final MethodHandle ERROR = system("dlerror", FunctionDescriptor.of(ADDRESS));

    @SuppressWarnings("restricted")
    private static MethodHandle system(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    @Override
    public long open(String fileOrName) throws LoadFailure {
        long handle;
        String error;
        try (Arena arena = Arena.ofConfined()) {
            handle = (long) OPEN.invokeExact(arena.allocateFrom(fileOrName), NOW);
            error = handle == 0 ? NativeText.of((MemorySegment) ERROR.invokeExact()) : "";
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (handle == 0) {
            throw new LoadFailure(error);
        }
        return handle;
    }

    @Override
    public void close(long handle) {
        try {
            int status = (int) CLOSE.invokeExact(handle);
            if (status != 0) {
                throw new IllegalStateException("A library that is open cannot be closed: " + status);
            }
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
    }

    /** The address of a function of an open library. */
    static Optional<MemorySegment> symbol(long library, String name) {
        try (Arena arena = Arena.ofConfined()) {
            long address = (long) SYMBOL.invokeExact(library, arena.allocateFrom(name));
            return address == 0 ? Optional.empty() : Optional.of(MemorySegment.ofAddress(address));
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
    }

    @Override
    public Optional<Path> loadedFrom(String fileName) {
        try (Stream<String> lines = Files.lines(MAPPED_FILES)) {
            return lines.map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .filter(file -> file.startsWith("/"))
                    .map(Path::of)
                    .filter(file -> isVersionOf(file.getFileName().toString(), fileName))
                    // Of cuDNN 8 and 9 in one process, the one that begins with the name.
                    .min(Comparator.comparing(
                            file -> !file.getFileName().toString().startsWith(fileName)));
        } catch (IOException unreadable) {
            // Without /proc the library works as well, only its folder stays unknown.
            return Optional.empty();
        }
    }

    /** Whether two names are of the same library, such as {@code libcuda.so.580.65} and {@code libcuda.so.1}. */
    private static boolean isVersionOf(String file, String name) {
        String stem = name.substring(0, name.indexOf(".so"));
        return file.startsWith(stem + ".so.");
    }
}
