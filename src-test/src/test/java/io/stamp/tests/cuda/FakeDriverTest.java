package io.stamp.tests.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The fake driver is as strict as a real one about memory, contexts and the order of work. */
class FakeDriverTest {
    private static final int INVALID_VALUE = 1;
    private static final int OUT_OF_MEMORY = 2;
    private static final int INVALID_CONTEXT = 201;
    private static final int NOT_READY = 600;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int NON_BLOCKING = 1;

    private FakeDevice device;
    private NativeCalls driver;

    @BeforeEach
    void open() throws IOException {
        device = FakeDevice.apart();
        driver = device.driver;
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void aContextIsCurrentOnOneThread() throws InterruptedException {
        int[] status = new int[1];
        Thread other = new Thread(() -> status[0] = driver.call("cuCtxSynchronize"));
        other.start();
        other.join();
        assertThat(status[0]).isEqualTo(INVALID_CONTEXT);
        assertThat(driver.call("cuCtxSynchronize")).isZero();
    }

    @Test
    void freshMemoryIsNotANumber() {
        assertThat(device.read(device.allocate(12), 3)).containsOnly(Float.NaN);
    }

    @Test
    void copiesAndClearsStayInsideOneAllocation() {
        long address = device.allocate(16);
        MemorySegment host = device.hostFloats(1, 2, 3, 4, 5);
        assertThat(driver.call("cuMemcpyHtoD_v2", address, host, 16L)).isZero();
        assertThat(driver.call("cuMemcpyHtoD_v2", address, host, 20L)).isEqualTo(INVALID_VALUE);
        assertThat(driver.call("cuMemcpyDtoH_v2", host, address + 4, 16L)).isEqualTo(INVALID_VALUE);
        assertThat(driver.call("cuMemsetD8Async", address, 0, 17L, 0L)).isEqualTo(INVALID_VALUE);
        assertThat(driver.call("cuMemcpyDtoDAsync_v2", address + 8, address, 12L, 0L))
                .isEqualTo(INVALID_VALUE);
        assertThat(driver.call("cuMemcpyHtoD_v2", address - 4, host, 4L)).isEqualTo(INVALID_VALUE);
    }

    @Test
    void memoryIsFreedOnce() {
        long address = device.allocate(16);
        assertThat(device.counter("live-allocations")).isEqualTo(1);
        assertThat(driver.call("cuMemFree_v2", address + 4)).isEqualTo(INVALID_VALUE);
        assertThat(driver.call("cuMemFree_v2", address)).isZero();
        assertThat(driver.call("cuMemFree_v2", address)).isEqualTo(INVALID_VALUE);
        assertThat(device.counter("live-allocations")).isZero();
    }

    @Test
    void allocationsFailWhenTold() {
        device.inject("allocation", 100);
        device.allocate(60);
        MemorySegment address = device.arena.allocate(8);
        assertThat(driver.call("cuMemAlloc_v2", address, 60L)).isEqualTo(OUT_OF_MEMORY);
        assertThat(driver.call("cuMemAlloc_v2", address, 1L)).isEqualTo(OUT_OF_MEMORY);
        device.inject("allocation", -1);
        device.allocate(60);
    }

    @Test
    void aLostDeviceStaysLost() {
        device.inject("lost-device", 1);
        assertThat(driver.call("cuCtxSynchronize")).isZero();
        assertThat(driver.call("cuCtxSynchronize")).isEqualTo(ILLEGAL_ADDRESS);
        assertThat(driver.call("cuMemFree_v2", 0L)).isEqualTo(ILLEGAL_ADDRESS);
    }

    @Test
    void workWaitsUntilSomebodyWaitsForIt() {
        long stream = device.stream(NON_BLOCKING);
        long address = device.floats(1, 2);
        MemorySegment pinned = pinned(8);
        assertThat(driver.call("cuMemcpyDtoHAsync_v2", pinned, address, 8L, stream))
                .isZero();
        assertThat(pinned.get(JAVA_FLOAT, 0)).isNaN();
        // The legacy stream does not wait for a stream that does not block.
        device.driver.call("cuMemsetD8Async", device.allocate(4), 0, 4L, 0L);
        assertThat(driver.call("cuStreamSynchronize", 0L)).isZero();
        assertThat(pinned.get(JAVA_FLOAT, 0)).isNaN();
        assertThat(driver.call("cuStreamSynchronize", stream)).isZero();
        assertThat(pinned.get(JAVA_FLOAT, 4)).isEqualTo(2);
    }

    @Test
    void aPinnedSourceIsReadLate() {
        long stream = device.stream(NON_BLOCKING);
        long address = device.allocate(4);
        MemorySegment pinned = pinned(4);
        pinned.set(JAVA_FLOAT, 0, 1);
        driver.call("cuMemcpyHtoDAsync_v2", address, pinned, 4L, stream);
        pinned.set(JAVA_FLOAT, 0, 2);
        assertThat(device.read(address, 1)).containsExactly(2);
        MemorySegment pageable = device.hostFloats(3);
        driver.call("cuMemcpyHtoDAsync_v2", address, pageable, 4L, stream);
        pageable.set(JAVA_FLOAT, 0, 4);
        assertThat(device.read(address, 1)).containsExactly(3);
    }

    @Test
    void eventsOrderStreams() {
        long first = device.stream(NON_BLOCKING);
        long second = device.stream(NON_BLOCKING);
        long from = device.floats(7);
        long between = device.allocate(4);
        long to = device.allocate(4);
        long event = driver.result("cuEventCreate", 2);
        driver.call("cuMemcpyDtoDAsync_v2", between, from, 4L, first);
        driver.call("cuEventRecord", event, first);
        assertThat(driver.call("cuEventQuery", event)).isEqualTo(NOT_READY);
        driver.call("cuStreamWaitEvent", second, event, 0);
        driver.call("cuMemcpyDtoDAsync_v2", to, between, 4L, second);
        assertThat(driver.call("cuStreamSynchronize", second)).isZero();
        assertThat(driver.call("cuEventQuery", event)).isZero();
        assertThat(device.read(to, 1)).containsExactly(7);
    }

    private MemorySegment pinned(long bytes) {
        return reinterpreted(driver.result("cuMemHostAlloc", bytes, 0), bytes);
    }

    @SuppressWarnings("restricted")
    private static MemorySegment reinterpreted(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
