package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels on the host compute what they compute on a device, and what is forbidden there is an error here. */
class FakeKernelTest {
    private static final int INVALID_VALUE = 1;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int MISALIGNED_ADDRESS = 716;
    private static final int LAUNCH_FAILED = 719;

    private FakeDevice device;
    private long module;

    @BeforeEach
    void open() throws IOException {
        device = FakeDevice.apart();
        module = device.module(FakeCuda.testKernels());
    }

    @AfterEach
    void close() {
        device.close();
    }

    private int run(String kernel, int blocks, int threads, int sharedBytes, Object... parameters) {
        int status = device.launch(device.function(module, kernel), blocks, threads, sharedBytes, parameters);
        return status != 0 ? status : device.driver.call("cuCtxSynchronize");
    }

    private static float[] counted(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }

    @Test
    void parametersOfAllKindsArrive() {
        long sum = device.allocate(20);
        assertThat(run("add", 2, 2, 0, device.floats(1, 2, 3, 4, 5), device.floats(1, 1, 1, 1, 2), sum, 5, 10f))
                .isZero();
        assertThat(device.read(sum, 5)).containsExactly(11, 12, 13, 14, 25);
    }

    @Test
    @SuppressWarnings("restricted")
    void parametersAreTakenAtTheLaunch() {
        long stream = device.stream(1);
        long sum = device.allocate(4);
        MemorySegment parameters = device.parameters(device.floats(1), device.floats(1), sum, 1, 10f);
        assertThat(device.launch(device.function(module, "add"), stream, 1, 1, 0, parameters))
                .isZero();
        MemorySegment factor = parameters.getAtIndex(ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_FLOAT), 4);
        factor.set(ValueLayout.JAVA_FLOAT, 0, 100);
        assertThat(device.read(sum, 1)).containsExactly(11);
    }

    @Test
    void barriersAndLanesExchange() {
        long sums = device.allocate(12);
        assertThat(run("sums", 3, 64, 0, device.floats(counted(192)), sums)).isZero();
        assertThat(device.read(sums, 3)).containsExactly(2016, 6112, 10208);
        long values = device.floats(1, 2, 3);
        assertThat(run("reverse", 1, 3, 12, values, 3)).isZero();
        assertThat(device.read(values, 3)).containsExactly(3, 2, 1);
    }

    @Test
    void ballotsOfParts() {
        long values = device.allocate(128);
        assertThat(run("ballots", 1, 32, 0, values, 5)).isZero();
        float[] bits = device.read(values, 32);
        assertThat(IntStream.range(0, 32).map(i -> Float.floatToRawIntBits(bits[i])))
                .containsExactlyElementsOf(IntStream.range(0, 32)
                        .mapToObj(i -> i % 2 == 0 ? 0b10101 : 0b01010)
                        .toList());
    }

    @Test
    void aMissingBarrierGivesAnotherResult() {
        long sums = device.allocate(4);
        assertThat(run("sums_without_barrier", 1, 64, 0, device.floats(counted(64)), sums))
                .isZero();
        assertThat(device.read(sums, 1)).doesNotContain(2016);
    }

    @Test
    void sharedMemoryStartsAsNotANumber() {
        long values = device.floats(counted(32));
        assertThat(run("unset", 1, 32, 0, values)).isZero();
        assertThat(device.read(values, 32)).containsOnly(Float.NaN);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1025, 0",
        "1, 0, 0",
        "0, 1, 0",
        "1, 32, 49153",
    })
    void launchesBeyondTheLimitsAreRefused(int blocks, int threads, int sharedBytes) {
        assertThat(run("reverse", blocks, threads, sharedBytes, device.floats(counted(32)), 32))
                .isEqualTo(INVALID_VALUE);
        assertThat(device.driver.call("cuCtxSynchronize")).isZero();
    }

    @Test
    void moreSharedMemoryHasToBeAskedFor() {
        long function = device.function(module, "reverse");
        assertThat(device.driver.call("cuFuncSetAttribute", function, 8, 100_000))
                .isZero();
        assertThat(run("reverse", 1, 32, 100_000, device.floats(counted(32)), 32))
                .isZero();
    }

    @Test
    void mistakesLoseTheDevice() {
        assertThat(run("diverging", 1, 32, 0, device.floats(counted(32)))).isEqualTo(LAUNCH_FAILED);
        assertThat(device.driver.call("cuCtxSynchronize")).isEqualTo(LAUNCH_FAILED);
    }

    @Test
    void lanesThatAreMissingInAnExchange() {
        assertThat(run("lanes_missing", 1, 32, 0, device.floats(counted(32)))).isEqualTo(LAUNCH_FAILED);
    }

    @Test
    void anIndexOutsideOfALocalArray() {
        assertThat(run("outside", 1, 1, 0, device.floats(counted(8)), 4)).isEqualTo(ILLEGAL_ADDRESS);
    }

    @Test
    void aMisalignedVector() {
        assertThat(run("misaligned", 1, 1, 0, device.floats(counted(8)), 4)).isZero();
        assertThat(run("misaligned", 1, 1, 0, device.floats(counted(8)), 1)).isEqualTo(MISALIGNED_ADDRESS);
    }

    @Test
    void aDivisionByZero() {
        assertThat(run("divided", 1, 1, 0, device.floats(counted(1)), 0)).isEqualTo(LAUNCH_FAILED);
    }

    @Test
    void tooLittleDynamicSharedMemory() {
        assertThat(run("reverse", 1, 32, 31 * Float.BYTES, device.floats(counted(32)), 32))
                .isEqualTo(ILLEGAL_ADDRESS);
    }

    @Test
    void memoryOfTheHostOrFreedMemory() {
        long freed = device.floats(counted(32));
        assertThat(device.driver.call("cuMemFree_v2", freed)).isZero();
        assertThat(run("unset", 1, 32, 0, freed)).isEqualTo(ILLEGAL_ADDRESS);
    }

    @Test
    void writesBehindAnAllocationAreFoundWhenItIsFreed() {
        long small = device.allocate(31 * Float.BYTES);
        assertThat(run("unset", 1, 32, 0, small)).isZero();
        assertThat(device.driver.call("cuMemFree_v2", small)).isEqualTo(ILLEGAL_ADDRESS);
    }
}
