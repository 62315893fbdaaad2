package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fake cuBLAS 12, which JCublas2 takes, multiplies as the documentation of the real one says. */
class FakeCublasTest {
    private static final int INVALID_VALUE = 7;
    private static final int NOT_SUPPORTED = 15;
    private static final int FLOAT32 = 0;
    private static final int FLOAT64 = 1;
    private static final int COMPUTE_32F = 68;
    private static final int M = 3;
    private static final int N = 4;
    private static final int K = 5;
    private static final int LEADING = 7;
    private static final int STRIDE = 40;
    private static final int BATCH = 2;

    private FakeDevice device;

    @BeforeEach
    void open() {
        device = FakeDevice.shared();
    }

    @AfterEach
    void close() {
        device.close();
    }

    private static NativeCalls cublas() {
        return new NativeCalls(FakeCuda.libraries().resolve("libcublas.so.12"));
    }

    /** Numbers with few digits, so that sums are exact. */
    private static float[] numbers(int seed) {
        float[] values = new float[STRIDE * BATCH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 31 + seed * 17) % 23 - 11;
        }
        return values;
    }

    private int multiply(
            NativeCalls cublas,
            long handle,
            int typeC,
            int compute,
            int[] transposed,
            int leadingA,
            long a,
            long b,
            long c) {
        return cublas.call(
                "cublasGemmStridedBatchedEx",
                handle,
                transposed[0],
                transposed[1],
                M,
                N,
                K,
                device.hostFloats(2),
                a,
                FLOAT32,
                leadingA,
                (long) STRIDE,
                b,
                FLOAT32,
                LEADING,
                (long) STRIDE,
                device.hostFloats(0.5f),
                c,
                typeC,
                LEADING,
                (long) STRIDE,
                BATCH,
                compute,
                -1);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "1, 0", "1, 1", "2, 2"})
    void gemmsOfEveryTransposition(int transposeA, int transposeB) {
        NativeCalls cublas = cublas();
        long handle = cublas.result("cublasCreate_v2");
        float[] a = numbers(1);
        float[] b = numbers(2);
        float[] c = numbers(3);
        long result = device.floats(c);
        int[] transposed = {transposeA, transposeB};
        assertThat(multiply(
                        cublas,
                        handle,
                        FLOAT32,
                        COMPUTE_32F,
                        transposed,
                        LEADING,
                        device.floats(a),
                        device.floats(b),
                        result))
                .isZero();
        float[] expected = c.clone();
        for (int batch = 0; batch < BATCH; batch++) {
            for (int column = 0; column < N; column++) {
                for (int row = 0; row < M; row++) {
                    float sum = 0;
                    for (int k = 0; k < K; k++) {
                        int atA = transposeA == 0 ? row + k * LEADING : k + row * LEADING;
                        int atB = transposeB == 0 ? k + column * LEADING : column + k * LEADING;
                        sum += a[batch * STRIDE + atA] * b[batch * STRIDE + atB];
                    }
                    int at = batch * STRIDE + row + column * LEADING;
                    expected[at] = 2 * sum + 0.5f * c[at];
                }
            }
        }
        assertThat(device.read(result, c.length)).isEqualTo(expected);
        assertThat(cublas.call("cublasDestroy_v2", handle)).isZero();
    }

    @Test
    void wrongArgumentsAreRefused() {
        NativeCalls cublas = cublas();
        long handle = cublas.result("cublasCreate_v2");
        long a = device.floats(numbers(1));
        int[] plain = {0, 0};
        assertThat(multiply(cublas, handle, FLOAT32, COMPUTE_32F, plain, M - 1, a, a, a))
                .isEqualTo(INVALID_VALUE);
        assertThat(multiply(cublas, handle, FLOAT64, COMPUTE_32F, plain, LEADING, a, a, a))
                .isEqualTo(NOT_SUPPORTED);
        MemorySegment version = device.arena.allocate(ValueLayout.JAVA_INT);
        assertThat(cublas.call("cublasGetVersion_v2", handle, version)).isZero();
        assertThat(version.get(ValueLayout.JAVA_INT, 0) / 10000).isEqualTo(12);
        assertThat(cublas.call("cublasDestroy_v2", handle)).isZero();
    }

    /** 1 + 2^-12 has no such last bit in TF32, which has ten bits of mantissa. */
    @ParameterizedTest
    @CsvSource({"68, 1.000244140625", "77, 1", "75, 1"})
    void computeTypesRoundTheirFactors(int compute, float expected) {
        NativeCalls cublas = cublas();
        long handle = cublas.result("cublasCreate_v2");
        float[] ones = new float[STRIDE * BATCH];
        float[] factors = ones.clone();
        ones[0] = 1;
        factors[0] = 1 + 0x1p-12f;
        long result = device.floats(new float[STRIDE * BATCH]);
        assertThat(multiply(
                        cublas,
                        handle,
                        FLOAT32,
                        compute,
                        new int[] {0, 0},
                        LEADING,
                        device.floats(factors),
                        device.floats(ones),
                        result))
                .isZero();
        assertThat(device.read(result, 1)[0] / 2).isEqualTo(expected, within(0f));
        assertThat(cublas.call("cublasDestroy_v2", handle)).isZero();
    }
}
