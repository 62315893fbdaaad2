package io.stamp.engine.vector.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.engine.vector.runtime.TestArrays;
import io.stamp.engine.vector.runtime.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GemmTest {
    private static final int[] SIZES = {1, 2, 3, 4, 7, 8, 9, 13, 14, 15, 16, 17, 28, 31, 32, 33, 48, 61, 64, 100};

    private static final Workers[] TEAMS = new Workers[3];

    @BeforeAll
    static void startTeams() {
        for (int i = 0; i < TEAMS.length; i++) {
            TEAMS[i] = new Workers(i + 1);
        }
    }

    @AfterAll
    static void closeTeams() {
        for (Workers team : TEAMS) {
            team.close();
        }
    }

    record Sizes(int batch, int m, int n, int k, boolean sameLeft, boolean sameRight) {}

    static List<Sizes> sizes() {
        Random random = new Random(3);
        List<Sizes> all = new ArrayList<>();
        for (int m : SIZES) {
            for (int n : SIZES) {
                int batch = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
                int k = SIZES[random.nextInt(SIZES.length)];
                all.add(new Sizes(batch, m, n, k, random.nextInt(3) == 0, random.nextInt(3) == 0));
            }
        }
        all.add(new Sizes(1, 30, 40, 1200, false, false));
        all.add(new Sizes(1, 300, 200, 150, false, false));
        all.add(new Sizes(1, 1, 700, 600, false, false));
        all.add(new Sizes(1, 700, 1, 600, false, false));
        all.add(new Sizes(1, 5, 700, 600, false, false));
        all.add(new Sizes(2, 200, 200, 200, false, true));
        all.add(new Sizes(60, 33, 20, 50, false, false));
        all.add(new Sizes(2, 3, 4, 0, false, false));
        // Rows much shorter than a vector, where whole vectors of several last rows reach beyond the array.
        all.add(new Sizes(1, 115, 64, 5, false, false));
        all.add(new Sizes(1, 117, 64, 6, false, false));
        all.add(new Sizes(1, 128, 64, 5, false, false));
        all.add(new Sizes(1, 200, 100, 3, false, false));
        return all;
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void equalsTheDefinitionWithTheSameBitsForAnyThreads(Sizes s) {
        for (int variant = 0; variant < 4; variant++) {
            check(s, (variant & 1) != 0, (variant & 2) != 0);
        }
    }

    private static void check(Sizes s, boolean transA, boolean transB) {
        int aStride = s.sameLeft ? 0 : s.m * s.k;
        int bStride = s.sameRight ? 0 : s.n * s.k;
        int cStride = s.m * s.n + (s.k % 2);
        float[] a = TestArrays.random(3 + (s.batch - 1) * aStride + s.m * s.k, 1);
        float[] b = TestArrays.random(5 + (s.batch - 1) * bStride + s.n * s.k, 2);
        float[] first = null;
        for (Workers team : TEAMS) {
            float[] c = TestArrays.unwritten(7 + s.batch * cStride);
            Gemm.batched(s.batch, transA, transB, s.m, s.n, s.k, a, 3, aStride, b, 5, bStride, c, 7, cStride, team);
            if (first == null) {
                first = c;
            }
            assertThat(c).as("%d threads", team.threads()).isEqualTo(first);
        }
        for (int i = 0; i < s.batch; i++) {
            double[] expected = naive(s, transA, transB, a, 3 + i * aStride, b, 5 + i * bStride);
            float[] actual = Arrays.copyOfRange(first, 7 + i * cStride, 7 + i * cStride + s.m * s.n);
            TestArrays.assertClose(actual, expected, s.k);
            int gap = 7 + i * cStride + s.m * s.n;
            assertThat(Arrays.copyOfRange(first, gap, 7 + (i + 1) * cStride))
                    .as("gap")
                    .isEqualTo(TestArrays.unwritten(s.k % 2));
        }
        assertThat(Arrays.copyOf(first, 7)).as("elements before").isEqualTo(TestArrays.unwritten(7));
    }

    private static double[] naive(
            Sizes s, boolean transA, boolean transB, float[] a, int aOffset, float[] b, int bOffset) {
        double[] c = new double[s.m * s.n];
        for (int i = 0; i < s.m; i++) {
            for (int j = 0; j < s.n; j++) {
                double sum = 0;
                for (int l = 0; l < s.k; l++) {
                    double x = a[aOffset + (transA ? l * s.m + i : i * s.k + l)];
                    double y = b[bOffset + (transB ? j * s.k + l : l * s.n + j)];
                    sum += x * y;
                }
                c[i * s.n + j] = sum;
            }
        }
        return c;
    }

    /** The just-in-time compiler must not change a result: that would make training depend on the time of compilation. */
    @Test
    void theBitsStayTheSameFromTheFirstCallOn() {
        int[][] shapes = {{1, 40, 75}, {6, 30, 75}, {20, 30, 40}, {40, 33, 75}};
        for (int[] shape : shapes) {
            float[] a = TestArrays.random(shape[0] * shape[2], 1);
            float[] b = TestArrays.random(shape[1] * shape[2], 2);
            float[] first = new float[shape[0] * shape[1]];
            Gemm.gemm(false, true, shape[0], shape[1], shape[2], a, 0, b, 0, first, 0, TEAMS[0]);
            for (int i = 0; i < 6_000; i++) {
                float[] again = new float[first.length];
                Gemm.gemm(false, true, shape[0], shape[1], shape[2], a, 0, b, 0, again, 0, TEAMS[0]);
                if (i % 1000 == 999) {
                    assertThat(again).isEqualTo(first);
                }
            }
        }
    }

    @Test
    void mistakesAreNamed() {
        float[] six = new float[6];
        assertThatThrownBy(() -> Gemm.gemm(false, false, 2, 2, 3, six, 1, six, 0, new float[4], 0, TEAMS[0]))
                .isInstanceOf(StampException.class)
                .hasMessage("The left-hand matrix of a GEMM needs the elements 1 to 6 of an array of 6.");
        assertThatThrownBy(() -> Gemm.gemm(false, false, 2, -1, 3, six, 0, six, 0, new float[4], 0, TEAMS[0]))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("n -1");
        assertThatThrownBy(() ->
                        Gemm.batched(2, false, false, 2, 2, 3, six, 0, 0, six, 0, 0, new float[8], 0, 3, TEAMS[0]))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("overlap");
    }
}
