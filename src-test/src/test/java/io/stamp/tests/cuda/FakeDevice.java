package io.stamp.tests.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** A fake driver with its context current on the calling thread. */
final class FakeDevice implements AutoCloseable {
    private static final long NO_STREAM = 0;

    final NativeCalls driver;
    final Arena arena = Arena.ofConfined();

    private FakeDevice(Path library) {
        driver = new NativeCalls(library);
        assertThat(driver.call("cuInit", 0)).isZero();
        assertThat(driver.call("cuCtxSetCurrent", driver.result("cuDevicePrimaryCtxRetain", 0)))
                .isZero();
    }

    /** Apart from the one that backends and libraries of this process use: what breaks its device breaks no other. */
    static FakeDevice apart() throws IOException {
        // The loader takes a copy for another library.
        Path copy = Files.createTempFile("fake-cuda", ".so");
        try {
            Files.write(copy, Files.readAllBytes(FakeCuda.libraries().resolve("libcuda.so.1")));
            return new FakeDevice(copy);
        } finally {
            Files.delete(copy);
        }
    }

    /** The one that the fake cuBLAS and cuDNN work on. */
    static FakeDevice shared() {
        return new FakeDevice(FakeCuda.libraries().resolve("libcuda.so.1"));
    }

    long stream(int flags) {
        return driver.result("cuStreamCreate", flags);
    }

    long allocate(long bytes) {
        return driver.result("cuMemAlloc_v2", bytes);
    }

    /** Device memory with these values. */
    long floats(float... values) {
        long address = allocate((long) values.length * Float.BYTES);
        assertThat(driver.call("cuMemcpyHtoD_v2", address, hostFloats(values), (long) values.length * Float.BYTES))
                .isZero();
        return address;
    }

    MemorySegment hostFloats(float... values) {
        return arena.allocateFrom(JAVA_FLOAT, values);
    }

    /** Waits for the device. */
    float[] read(long address, int count) {
        MemorySegment values = arena.allocate(JAVA_FLOAT, count);
        assertThat(driver.call("cuCtxSynchronize")).isZero();
        assertThat(driver.call("cuMemcpyDtoH_v2", values, address, values.byteSize()))
                .isZero();
        return values.toArray(JAVA_FLOAT);
    }

    long module(Path image) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        MemorySegment memory = arena.allocate(bytes.length, Long.BYTES);
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
        return driver.result("cuModuleLoadData", memory);
    }

    long function(long module, String name) {
        return driver.result("cuModuleGetFunction", module, arena.allocateFrom(name));
    }

    /** Pointers to values, as launches take them. */
    MemorySegment parameters(Object... values) {
        MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, values.length));
        for (int i = 0; i < values.length; i++) {
            MemorySegment value =
                    switch (values[i]) {
                        case Long pointer -> arena.allocateFrom(JAVA_LONG, pointer);
                        case Integer number -> arena.allocateFrom(JAVA_INT, number);
                        case Float number -> arena.allocateFrom(JAVA_FLOAT, number);
                        default -> throw new IllegalArgumentException();
                    };
            pointers.setAtIndex(ADDRESS, i, value);
        }
        return pointers;
    }

    /** A launch on the legacy stream; its status. */
    int launch(long function, int blocks, int threads, int sharedBytes, Object... values) {
        return launch(function, NO_STREAM, blocks, threads, sharedBytes, parameters(values));
    }

    int launch(long function, long stream, int blocks, int threads, int sharedBytes, MemorySegment parameters) {
        return driver.call(
                "cuLaunchKernel",
                function,
                blocks,
                1,
                1,
                threads,
                1,
                1,
                sharedBytes,
                stream,
                parameters,
                MemorySegment.NULL);
    }

    long counter(String name) {
        return driver.callLong("fakeCudaCounter", arena.allocateFrom(name));
    }

    void inject(String fault, long countdown) {
        driver.callVoid("fakeCudaInject", arena.allocateFrom(fault), countdown);
    }

    @Override
    public void close() {
        driver.call("cuDevicePrimaryCtxRelease_v2", 0);
        arena.close();
    }
}
