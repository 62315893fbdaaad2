package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake captures streams into graphs by the rules of the real driver. */
class FakeGraphTest {
    private static final int NON_BLOCKING = 1;
    private static final int GLOBAL = 0;
    private static final int THREAD_LOCAL = 1;
    private static final int RELAXED = 2;
    private static final int INVALID_VALUE = 1;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int CAPTURE_UNSUPPORTED = 900;
    private static final int CAPTURE_INVALIDATED = 901;
    private static final int CAPTURE_UNJOINED = 904;
    private static final int CAPTURE_IMPLICIT = 906;
    private static final int CAPTURED_EVENT = 907;

    private FakeDevice device;
    private NativeCalls driver;
    private long stream;

    @BeforeEach
    void open() throws IOException {
        device = FakeDevice.apart();
        driver = device.driver;
        stream = device.stream(NON_BLOCKING);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private void begin(int mode) {
        assertThat(driver.call("cuStreamBeginCapture_v2", stream, mode)).isZero();
    }

    private int end() {
        return driver.call("cuStreamEndCapture", stream, device.arena.allocate(8));
    }

    private long graph() {
        MemorySegment graph = device.arena.allocate(ValueLayout.JAVA_LONG);
        assertThat(driver.call("cuStreamEndCapture", stream, graph)).isZero();
        return graph.get(ValueLayout.JAVA_LONG, 0);
    }

    private long executable(long graph) {
        return driver.result("cuGraphInstantiateWithFlags", graph, 0L);
    }

    private void copy(long to, long from, long on) {
        assertThat(driver.call("cuMemcpyDtoDAsync_v2", to, from, 4L, on)).isZero();
    }

    @Test
    void aGraphRunsWhatWasCapturedAsOftenAsItIsLaunched() throws IOException {
        long add = device.function(device.module(FakeCuda.testKernels()), "add");
        long sum = device.floats(0);
        long one = device.floats(1);
        begin(GLOBAL);
        MemorySegment parameters = device.parameters(sum, one, sum, 1, 2f);
        assertThat(device.launch(add, stream, 1, 1, 0, parameters)).isZero();
        assertThat(device.launch(add, stream, 1, 1, 0, parameters)).isZero();
        long graph = graph();
        MemorySegment count = device.arena.allocate(ValueLayout.JAVA_LONG);
        assertThat(driver.call("cuGraphGetNodes", graph, MemorySegment.NULL, count))
                .isZero();
        assertThat(count.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(2);
        assertThat(device.read(sum, 1)).as("before a launch").containsExactly(0);
        long executable = executable(graph);
        assertThat(driver.call("cuGraphDestroy", graph)).isZero();
        for (int i = 0; i < 3; i++) {
            assertThat(driver.call("cuGraphLaunch", executable, stream)).isZero();
        }
        assertThat(device.read(sum, 1)).containsExactly(12);
        assertThat(driver.call("cuGraphExecDestroy", executable)).isZero();
        assertThat(driver.call("cuGraphLaunch", executable, stream)).isEqualTo(INVALID_VALUE);
    }

    @Test
    void aGraphThatUsesFreedMemoryLosesTheDevice() throws IOException {
        long add = device.function(device.module(FakeCuda.testKernels()), "add");
        long sum = device.floats(0);
        begin(GLOBAL);
        assertThat(device.launch(add, stream, 1, 1, 0, device.parameters(sum, sum, sum, 1, 2f)))
                .isZero();
        long executable = executable(graph());
        assertThat(driver.call("cuMemFree_v2", sum)).isZero();
        assertThat(driver.call("cuGraphLaunch", executable, stream)).isZero();
        assertThat(driver.call("cuStreamSynchronize", stream)).isEqualTo(ILLEGAL_ADDRESS);
    }

    @ParameterizedTest
    @ValueSource(ints = {GLOBAL, THREAD_LOCAL})
    void allocationsInvalidateACapture(int mode) {
        begin(mode);
        assertThat(driver.call("cuMemAlloc_v2", device.arena.allocate(8), 4L)).isEqualTo(CAPTURE_UNSUPPORTED);
        assertThat(end()).isEqualTo(CAPTURE_INVALIDATED);
        begin(RELAXED);
        device.allocate(4);
        assertThat(end()).isZero();
    }

    @Test
    void waitingForTheStreamInvalidatesItsCapture() {
        begin(RELAXED);
        assertThat(driver.call("cuStreamSynchronize", stream)).isEqualTo(CAPTURE_UNSUPPORTED);
        MemorySegment status = device.arena.allocate(ValueLayout.JAVA_INT);
        assertThat(driver.call("cuStreamIsCapturing", stream, status)).isZero();
        assertThat(status.get(ValueLayout.JAVA_INT, 0)).isEqualTo(2);
        long address = device.allocate(4);
        assertThat(driver.call("cuMemsetD8Async", address, 0, 4L, stream)).isEqualTo(CAPTURE_INVALIDATED);
        assertThat(end()).isEqualTo(CAPTURE_INVALIDATED);
        assertThat(driver.call("cuMemsetD8Async", address, 0, 4L, stream)).isZero();
    }

    @Test
    void copiesOnTheLegacyStreamInvalidateACapture() {
        long address = device.allocate(4);
        begin(GLOBAL);
        assertThat(driver.call("cuMemcpyHtoD_v2", address, device.hostFloats(1), 4L))
                .isEqualTo(CAPTURE_IMPLICIT);
        assertThat(end()).isEqualTo(CAPTURE_INVALIDATED);
    }

    @Test
    void theHostCannotWaitForACapturedEvent() {
        long event = driver.result("cuEventCreate", 2);
        begin(RELAXED);
        assertThat(driver.call("cuEventRecord", event, stream)).isZero();
        assertThat(driver.call("cuEventSynchronize", event)).isEqualTo(CAPTURED_EVENT);
        assertThat(end()).isEqualTo(CAPTURE_INVALIDATED);
    }

    @Test
    void streamsThatJoinACaptureHaveToComeBack() {
        long other = device.stream(NON_BLOCKING);
        long from = device.floats(5);
        long to = device.allocate(4);
        long fork = driver.result("cuEventCreate", 2);
        long join = driver.result("cuEventCreate", 2);
        for (boolean joined : new boolean[] {false, true}) {
            begin(GLOBAL);
            assertThat(driver.call("cuEventRecord", fork, stream)).isZero();
            assertThat(driver.call("cuStreamWaitEvent", other, fork, 0)).isZero();
            copy(to, from, other);
            if (joined) {
                assertThat(driver.call("cuEventRecord", join, other)).isZero();
                assertThat(driver.call("cuStreamWaitEvent", stream, join, 0)).isZero();
                assertThat(driver.call("cuGraphLaunch", executable(graph()), stream))
                        .isZero();
            } else {
                assertThat(end()).isEqualTo(CAPTURE_UNJOINED);
            }
        }
        assertThat(device.read(to, 1)).containsExactly(5);
    }

    @Test
    void theLegacyStreamCannotBeCaptured() {
        assertThat(driver.call("cuStreamBeginCapture_v2", 0L, GLOBAL)).isEqualTo(CAPTURE_UNSUPPORTED);
    }
}
