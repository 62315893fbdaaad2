package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.stamp.engine.StampException;
import io.stamp.kernels.blas.CublasBlas;
import io.stamp.kernels.blas.FfmCublasLt;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.DeviceContext;
import io.stamp.kernels.device.DevicePool;
import io.stamp.kernels.device.Precision;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of a stream that kernels use: launches, GEMMs and convolutions of the libraries, small copies. */
class CudaStreamTest {
    private static OpenStream open;
    private static DevicePool pool;
    private static CudaStream stream;

    private final Random random = new Random(7);

    @BeforeAll
    static void open() {
        open = OpenStream.byRule(Precision.STRICT);
        pool = open.pool;
        stream = open.stream;
    }

    @AfterAll
    static void close() {
        if (open != null) {
            open.close();
        }
    }

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /** Every transposition, a batch, and one left matrix for the whole batch where the stride is 0. */
    @ParameterizedTest
    @CsvSource({"false,false,15", "true,false,15", "false,true,15", "true,true,15", "false,false,0"})
    void gemmsAreRowMajor(boolean transposeA, boolean transposeB, int strideA) {
        int batch = 2;
        int m = 3;
        int n = 4;
        int k = 5;
        float[] a = values(batch * m * k);
        float[] b = values(batch * k * n);
        long c = open.room(batch * m * n);
        open.blas.multiply(
                batch, transposeA, transposeB, m, n, k, open.onDevice(a), strideA, open.onDevice(b), k * n, c, m * n);
        float[] actual = open.read(c, batch * m * n);
        for (int image = 0; image < batch; image++) {
            for (int row = 0; row < m; row++) {
                for (int column = 0; column < n; column++) {
                    double expected = 0;
                    for (int i = 0; i < k; i++) {
                        expected += (double) a[image * strideA + (transposeA ? i * m + row : row * k + i)]
                                * b[image * k * n + (transposeB ? column * k + i : i * n + column)];
                    }
                    assertThat((double) actual[(image * m + row) * n + column]).isCloseTo(expected, within(1e-6));
                }
            }
        }
    }

    /** The fake's fastest algorithm gives other bits at every second call, as splitting sums may. */
    @Test
    void gemmsHaveTheSameBitsEachTime() {
        float[] a = values(64 * 64);
        float[] b = values(64 * 64);
        List<float[]> results = Stream.generate(() -> {
                    long c = open.room(64 * 64);
                    open.blas.multiply(1, false, false, 64, 64, 64, open.onDevice(a), 0, open.onDevice(b), 0, c, 0);
                    return open.read(c, 64 * 64);
                })
                .limit(4)
                .toList();
        for (float[] result : results) {
            assertThat(result).isEqualTo(results.getFirst());
        }
    }

    /** A kind of GEMM that was seen with well-aligned matrices may come again with others. */
    @ParameterizedTest
    @ValueSource(ints = {0, 4, 8, 16, 64, 256})
    void gemmsOfMatricesAtAnyAddress(int offset) {
        float[] a = {0, 1, 2, 3, 4};
        long matrix = open.onDevice(new float[128]) + offset;
        stream.write(matrix, a, 1, 4);
        long c = open.room(4);
        open.blas.multiply(1, false, false, 2, 2, 2, matrix, 0, matrix, 0, c, 0);
        assertThat(open.read(c, 4)).containsExactly(7, 10, 15, 22);
    }

    @Test
    void whatGemmsLeaveInTheLibraryGoesWithTheirProvider() {
        NativeCalls library = new NativeCalls(FakeCuda.libraries().resolve("libcublasLt.so.13"));
        int before = library.call("cublasLtFakeLiveObjects");
        long x = open.room(64);
        try (CublasBlas blas = new CublasBlas(stream, Precision.STRICT, FfmCublasLt::new)) {
            for (int size = 1; size < 5; size++) {
                for (int again = 0; again < 3; again++) {
                    blas.multiply(1, true, false, size, size, size, x, 0, x, 0, open.room(16), 0);
                }
            }
            int handle = 1;
            int ofOneKind = 4;
            assertThat(library.call("cublasLtFakeLiveObjects")).isEqualTo(before + handle + 4 * ofOneKind);
            stream.synchronise();
        }
        stream.end();
        assertThat(library.call("cublasLtFakeLiveObjects")).isEqualTo(before);
    }

    /** What is left are the few allocations of the virtual machine's own, once in many calls. */
    @Test
    void launchesAndCopiesAllocateNothingOnTheJavaHeap() {
        long x = open.onDevice(values(256));
        long y = open.room(256);
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        long thread = Thread.currentThread().threadId();
        long allocated = Long.MAX_VALUE;
        int launches = 2000;
        for (int round = 0; round < 30 && allocated > launches; round++) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < launches; i++) {
                stream.launch("relu").pointer(x).pointer(y).integer(1).over(1);
                stream.copy(y, x, 4);
                stream.clear(y, 4);
            }
            allocated = threads.getThreadAllocatedBytes(thread) - before;
            stream.synchronise();
        }
        stream.end();
        assertThat(allocated).isLessThanOrEqualTo(launches);
    }

    @Test
    void parametersHaveAtMostWhatEveryDriverTakes() {
        assertThat(stream.launch("relu").pointer(0).struct(4088).byteSize()).isEqualTo(4088);
        assertThatThrownBy(() -> stream.launch("relu").pointer(0).struct(4096))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The kernel relu was given more than 64 parameters or 4096 bytes");
    }

    @Test
    void equalArraysOfIntegersShareOneCopy() {
        long first = stream.integers(new int[] {3, 1, 2});
        assertThat(stream.integers(new int[] {3, 1, 2})).isEqualTo(first);
        assertThat(stream.integers(new int[] {3, 1, 4})).isNotEqualTo(first);
        float[] bits = open.read(first, 3);
        assertThat(Float.floatToRawIntBits(bits[0])).isEqualTo(3);
        assertThat(Float.floatToRawIntBits(bits[2])).isEqualTo(2);
    }

    @Test
    void scratchMemoryIsForOneOpOnly() {
        long live = pool.liveBytes();
        stream.begin("Conv2d");
        DeviceBuffer scratch = stream.scratch(100_000);
        assertThat(pool.liveBytes()).isGreaterThan(live);
        stream.end();
        assertThat(pool.liveBytes()).isEqualTo(live);
        assertThatThrownBy(scratch::address).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aKernelThatTheImageLacksIsNamed() {
        assertThatThrownBy(() -> stream.launch("no_such_kernel"))
                .isInstanceOf(StampException.class)
                .hasMessageStartingWith(
                        "cuModuleGetFunction(the kernels, no_such_kernel) failed: CUDA_ERROR_NOT_FOUND");
    }

    @Test
    void aDeviceThatIsNotThereIsASentence() {
        assertThatThrownBy(() -> DeviceContext.open(99))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("There is no CUDA device 99")
                .hasMessageContaining("stamp.cuda.device");
    }
}
