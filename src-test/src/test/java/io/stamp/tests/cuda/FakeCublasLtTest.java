package io.stamp.tests.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake cuBLASLt multiplies, chooses and refuses as the documentation of the real one says. */
class FakeCublasLtTest {
    private static final int SUCCESS = 0;
    private static final int NOT_INITIALIZED = 1;
    private static final int INVALID_VALUE = 7;
    private static final int NOT_SUPPORTED = 15;
    private static final int COMPUTE_32F = 68;
    private static final int COMPUTE_32F_FAST_16BF = 75;
    private static final int COMPUTE_32F_FAST_TF32 = 77;
    private static final int FLOAT32 = 0;
    private static final int FLOAT64 = 1;
    private static final int TRANSPOSE_A = 3;
    private static final int TRANSPOSE_B = 4;
    private static final int LAYOUT_ORDER = 1;
    private static final int LAYOUT_BATCH = 5;
    private static final int LAYOUT_STRIDE = 6;
    private static final int WORKSPACE_BYTES = 1;
    private static final int REDUCTIONS = 3;
    private static final int ALIGNMENT_B = 6;
    private static final int ALL_ORDERED = 6;
    private static final int RESULT_BYTES = 96;
    private static final int RESULT_WORKSPACE = 64;
    private static final int ROOM = 1 << 16;
    private static final int M = 3;
    private static final int N = 4;
    private static final int K = 5;
    private static final int BATCH = 2;
    private static final int STRIDE = 24;

    private FakeDevice device;
    private NativeCalls library;
    private long handle;
    private long preference;

    @BeforeEach
    void open() {
        device = FakeDevice.shared();
        open(13);
    }

    private void open(int major) {
        library = new NativeCalls(FakeCuda.libraries().resolve("libcublasLt.so." + major));
        handle = library.result("cublasLtCreate");
        preference = library.result("cublasLtMatmulPreferenceCreate");
        assertThat(setPreference(WORKSPACE_BYTES, (long) ROOM)).isEqualTo(SUCCESS);
        assertThat(setPreference(REDUCTIONS, ALL_ORDERED)).isEqualTo(SUCCESS);
    }

    @AfterEach
    void close() {
        assertThat(library.call("cublasLtMatmulPreferenceDestroy", preference)).isEqualTo(SUCCESS);
        assertThat(library.call("cublasLtDestroy", handle)).isEqualTo(SUCCESS);
        device.close();
    }

    private int set(String function, long object, int attribute, Object value) {
        return switch (value) {
            case Integer number ->
                library.call(function, object, attribute, device.arena.allocateFrom(JAVA_INT, number), 4L);
            case Long number ->
                library.call(function, object, attribute, device.arena.allocateFrom(JAVA_LONG, number), 8L);
            default -> throw new IllegalArgumentException();
        };
    }

    private int setPreference(int attribute, Object value) {
        return set("cublasLtMatmulPreferenceSetAttribute", preference, attribute, value);
    }

    private long description(int compute, int transposeA, int transposeB) {
        long description = library.result("cublasLtMatmulDescCreate", compute, FLOAT32);
        assertThat(set("cublasLtMatmulDescSetAttribute", description, TRANSPOSE_A, transposeA))
                .isEqualTo(SUCCESS);
        assertThat(set("cublasLtMatmulDescSetAttribute", description, TRANSPOSE_B, transposeB))
                .isEqualTo(SUCCESS);
        return description;
    }

    private long layout(int type, long rows, long columns, long leading, int batch) {
        long layout = library.result("cublasLtMatrixLayoutCreate", type, rows, columns, leading);
        assertThat(setLayout(layout, LAYOUT_BATCH, batch)).isEqualTo(SUCCESS);
        assertThat(setLayout(layout, LAYOUT_STRIDE, (long) STRIDE)).isEqualTo(SUCCESS);
        return layout;
    }

    private int setLayout(long layout, int attribute, Object value) {
        return set("cublasLtMatrixLayoutSetAttribute", layout, attribute, value);
    }

    /** Of A, B and C. */
    private long[] layouts(int transposeA, int transposeB) {
        return new long[] {
            transposeA == 0 ? layout(FLOAT32, M, K, M, BATCH) : layout(FLOAT32, K, M, K, BATCH),
            transposeB == 0 ? layout(FLOAT32, K, N, K, BATCH) : layout(FLOAT32, N, K, N, BATCH),
            layout(FLOAT32, M, N, M, BATCH)
        };
    }

    /** The status of the heuristic; the choices go to {@code results}. */
    private int choose(long description, long[] layouts, MemorySegment results, MemorySegment count) {
        return library.call(
                "cublasLtMatmulAlgoGetHeuristic",
                handle,
                description,
                layouts[0],
                layouts[1],
                layouts[2],
                layouts[2],
                preference,
                (int) (results.byteSize() / RESULT_BYTES),
                results,
                count);
    }

    private MemorySegment choice(long description, long[] layouts) {
        MemorySegment result = device.arena.allocate(RESULT_BYTES, 8);
        MemorySegment count = device.arena.allocate(JAVA_INT);
        assertThat(choose(description, layouts, result, count)).isEqualTo(SUCCESS);
        assertThat(count.get(JAVA_INT, 0)).isEqualTo(1);
        return result;
    }

    private int multiply(
            long description, long[] layouts, MemorySegment algorithm, long a, long b, long c, long room, long bytes) {
        return library.call(
                "cublasLtMatmul",
                handle,
                description,
                device.hostFloats(2),
                a,
                layouts[0],
                b,
                layouts[1],
                device.hostFloats(0),
                c,
                layouts[2],
                c,
                layouts[2],
                algorithm,
                room,
                bytes,
                0L);
    }

    /** Numbers with few digits, so that sums are exact. */
    private static float[] numbers(int seed) {
        float[] values = new float[STRIDE * BATCH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 31 + seed * 17) % 23 - 11;
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"12, 0, 0", "12, 1, 1", "13, 0, 0", "13, 0, 1", "13, 1, 0", "13, 1, 1"})
    void gemmsOfEveryTransposition(int major, int transposeA, int transposeB) {
        open(major);
        long description = description(COMPUTE_32F, transposeA, transposeB);
        long[] layouts = layouts(transposeA, transposeB);
        float[] a = numbers(1);
        float[] b = numbers(2);
        long c = device.floats(new float[STRIDE * BATCH]);
        MemorySegment algorithm = choice(description, layouts);
        assertThat(multiply(
                        description,
                        layouts,
                        algorithm,
                        device.floats(a),
                        device.floats(b),
                        c,
                        device.allocate(ROOM),
                        ROOM))
                .isEqualTo(SUCCESS);
        float[] expected = new float[STRIDE * BATCH];
        for (int batch = 0; batch < BATCH; batch++) {
            for (int column = 0; column < N; column++) {
                for (int row = 0; row < M; row++) {
                    float sum = 0;
                    for (int k = 0; k < K; k++) {
                        int atA = transposeA == 0 ? row + k * M : k + row * K;
                        int atB = transposeB == 0 ? k + column * K : column + k * N;
                        sum += a[batch * STRIDE + atA] * b[batch * STRIDE + atB];
                    }
                    expected[batch * STRIDE + row + column * M] = 2 * sum;
                }
            }
        }
        assertThat(device.read(c, expected.length)).isEqualTo(expected);
        assertThat(library.callLong("cublasLtGetVersion") / 10000).isEqualTo(major);
    }

    /** 1 + 2^-12 has no such last bit in TF32, which has ten bits of mantissa. */
    @ParameterizedTest
    @CsvSource({COMPUTE_32F + ", 1.000244140625", COMPUTE_32F_FAST_TF32 + ", 1", COMPUTE_32F_FAST_16BF + ", 1"})
    void computeTypesRoundTheirFactors(int compute, float expected) {
        long description = description(compute, 0, 0);
        long[] layouts = layouts(0, 0);
        float[] ones = new float[STRIDE * BATCH];
        float[] factors = ones.clone();
        ones[0] = 1;
        factors[0] = 1 + 0x1p-12f;
        long c = device.floats(new float[STRIDE * BATCH]);
        MemorySegment algorithm = choice(description, layouts);
        assertThat(multiply(
                        description,
                        layouts,
                        algorithm,
                        device.floats(factors),
                        device.floats(ones),
                        c,
                        device.allocate(ROOM),
                        ROOM))
                .isEqualTo(SUCCESS);
        assertThat(device.read(c, 1)[0] / 2).isEqualTo(expected);
    }

    /** Without a mask the first choice splits its sums and adds them in any order. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyOrderedReductionsHaveTheSameBitsEachTime(boolean ordered) {
        assertThat(setPreference(REDUCTIONS, ordered ? ALL_ORDERED : 7)).isEqualTo(SUCCESS);
        long description = description(COMPUTE_32F, 0, 0);
        long[] layouts = layouts(0, 0);
        MemorySegment algorithm = choice(description, layouts);
        long a = device.floats(numbers(1));
        long room = device.allocate(ROOM);
        List<Float> seen = new ArrayList<>();
        for (int run = 0; run < 4; run++) {
            long c = device.floats(new float[STRIDE * BATCH]);
            assertThat(multiply(description, layouts, algorithm, a, a, c, room, ROOM))
                    .isEqualTo(SUCCESS);
            seen.add(device.read(c, 1)[0]);
        }
        assertThat(seen.stream().distinct()).hasSize(ordered ? 1 : 2);
    }

    @Test
    void choicesFollowWhatIsWanted() {
        long description = description(COMPUTE_32F, 0, 0);
        long[] layouts = layouts(0, 0);
        MemorySegment results = device.arena.allocate(8 * RESULT_BYTES, 8);
        MemorySegment count = device.arena.allocate(JAVA_INT);
        assertThat(choose(description, layouts, results, count)).isEqualTo(SUCCESS);
        assertThat(count.get(JAVA_INT, 0)).isEqualTo(3);
        assertThat(results.get(JAVA_LONG, RESULT_WORKSPACE)).isPositive();

        assertThat(setPreference(WORKSPACE_BYTES, 0L)).isEqualTo(SUCCESS);
        assertThat(choose(description, layouts, results, count)).isEqualTo(SUCCESS);
        assertThat(count.get(JAVA_INT, 0)).isEqualTo(2);
        assertThat(results.get(JAVA_LONG, RESULT_WORKSPACE)).isZero();

        assertThat(setPreference(ALIGNMENT_B, 4)).isEqualTo(SUCCESS);
        assertThat(choose(description, layouts, results, count)).isEqualTo(SUCCESS);
        assertThat(count.get(JAVA_INT, 0)).isEqualTo(1);

        assertThat(setPreference(ALIGNMENT_B, 2)).isEqualTo(SUCCESS);
        assertThat(choose(description, layouts, results, count)).isEqualTo(NOT_SUPPORTED);
        assertThat(count.get(JAVA_INT, 0)).isZero();
    }

    @Test
    void attributesOfAnotherSizeOrNumberAreRefused() {
        long description = description(COMPUTE_32F, 0, 0);
        long layout = layout(FLOAT32, M, K, M, BATCH);
        assertThat(set("cublasLtMatmulDescSetAttribute", description, TRANSPOSE_A, 1L))
                .isEqualTo(INVALID_VALUE);
        assertThat(set("cublasLtMatmulDescSetAttribute", description, 99, 1)).isEqualTo(INVALID_VALUE);
        assertThat(setLayout(layout, LAYOUT_STRIDE, 1)).isEqualTo(INVALID_VALUE);
        assertThat(setLayout(layout, 55, 1)).isEqualTo(INVALID_VALUE);
        assertThat(setPreference(WORKSPACE_BYTES, 1)).isEqualTo(INVALID_VALUE);
        assertThat(setPreference(2, 1)).isEqualTo(INVALID_VALUE);
    }

    @Test
    void layoutsThatDoNotFitAreRefused() {
        long description = description(COMPUTE_32F, 0, 0);
        long[] fitting = layouts(0, 0);
        MemorySegment result = device.arena.allocate(RESULT_BYTES, 8);
        MemorySegment count = device.arena.allocate(JAVA_INT);
        long[] wrong = {
            layout(FLOAT32, M + 1, K, M + 1, BATCH),
            layout(FLOAT32, M, K + 1, M, BATCH),
            layout(FLOAT32, M, K, M - 1, BATCH),
            layout(FLOAT32, M, K, M, BATCH + 1)
        };
        for (long layout : wrong) {
            assertThat(choose(description, new long[] {layout, fitting[1], fitting[2]}, result, count))
                    .isEqualTo(INVALID_VALUE);
        }
        long doubles = layout(FLOAT64, M, K, M, BATCH);
        assertThat(choose(description, new long[] {doubles, fitting[1], fitting[2]}, result, count))
                .isEqualTo(NOT_SUPPORTED);
        assertThat(setLayout(fitting[0], LAYOUT_ORDER, 1)).isEqualTo(SUCCESS);
        assertThat(choose(description, fitting, result, count)).isEqualTo(NOT_SUPPORTED);
    }

    @Test
    void anAlgorithmRunsOnlyWhatItWasChosenFor() {
        long description = description(COMPUTE_32F, 0, 0);
        long[] layouts = layouts(0, 0);
        MemorySegment algorithm = choice(description, layouts);
        long a = device.floats(new float[2 * STRIDE * BATCH]);
        long c = device.floats(new float[2 * STRIDE * BATCH]);
        long room = device.allocate(ROOM);
        assertThat(multiply(description, layouts, algorithm, a, a, c, room, ROOM))
                .isEqualTo(SUCCESS);
        assertThat(multiply(description, layouts, algorithm, a + 4, a, c, room, ROOM))
                .isEqualTo(INVALID_VALUE);
        assertThat(multiply(description, layouts, algorithm, a, a, c + 8, room, ROOM))
                .isEqualTo(INVALID_VALUE);
        assertThat(multiply(description, layouts, algorithm, a, a, c, room, 16)).isEqualTo(INVALID_VALUE);
        assertThat(multiply(description, layouts, algorithm, a, a, c, room + 64, ROOM - 64))
                .isEqualTo(INVALID_VALUE);
        long other = description(COMPUTE_32F_FAST_TF32, 0, 0);
        assertThat(multiply(other, layouts, algorithm, a, a, c, room, ROOM)).isEqualTo(INVALID_VALUE);
        MemorySegment nothing = device.arena.allocate(64, 8);
        assertThat(multiply(description, layouts, nothing, a, a, c, room, ROOM)).isEqualTo(INVALID_VALUE);
    }

    @Test
    void withoutAHandleNothingWorks() {
        long description = description(COMPUTE_32F, 0, 0);
        long[] layouts = layouts(0, 0);
        long kept = handle;
        handle = 0;
        MemorySegment result = device.arena.allocate(RESULT_BYTES, 8);
        assertThat(choose(description, layouts, result, device.arena.allocate(JAVA_INT)))
                .isEqualTo(NOT_INITIALIZED);
        assertThat(multiply(description, layouts, result, 0, 0, 0, 0, 0)).isEqualTo(NOT_INITIALIZED);
        handle = kept;
    }
}
