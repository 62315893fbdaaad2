package io.stamp.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chances against all choices, one by one. */
class HypergeometricTest {
    @ParameterizedTest
    @CsvSource({"6,3,2", "8,4,4", "5,5,2", "7,0,3", "4,4,4", "9,7,6", "1,1,1"})
    void chancesAreThoseOfAllChoices(int things, int first, int second) {
        double[] counts = new double[Math.min(first, second) + 1];
        double jaccard = 0;
        int all = 0;
        for (int one = 0; one < 1 << things; one++) {
            for (int other = 0; other < 1 << things; other++) {
                if (Integer.bitCount(one) == first && Integer.bitCount(other) == second) {
                    int shared = Integer.bitCount(one & other);
                    counts[shared]++;
                    jaccard += (double) shared / Integer.bitCount(one | other);
                    all++;
                }
            }
        }
        int number = all;
        Hypergeometric chances = Hypergeometric.of(things, first, second);

        assertThat(chances.chances())
                .containsExactly(
                        Arrays.stream(counts).map(count -> count / number).toArray(), within(1e-12));
        assertThat(chances.mean()).isCloseTo((double) first * second / things, within(1e-12));
        assertThat(chances.meanJaccard(first + second)).isCloseTo(jaccard / number, within(1e-12));
        assertThat(chances.atLeast(0)).isCloseTo(1, within(1e-12));
    }

    @Test
    void sumsAreConvolutions() {
        // Two coins each: of two things both choose one.
        Hypergeometric coin = Hypergeometric.of(2, 1, 1);
        assertThat(coin.plus(coin).chances()).containsExactly(new double[] {0.25, 0.5, 0.25}, within(1e-12));
        assertThat(coin.plus(coin).atLeast(1)).isCloseTo(0.75, within(1e-12));
        assertThat(coin.plus(coin).meanJaccard(4)).isCloseTo(0.5 / 3 + 0.25, within(1e-12));
    }

    @Test
    void largeNumbersStayChances() {
        Hypergeometric large = Hypergeometric.of(2048, 1000, 700);
        assertThat(large.atLeast(0)).isCloseTo(1, within(1e-9));
        assertThat(large.mean()).isCloseTo(1000.0 * 700 / 2048, within(1e-6));
        assertThat(Hypergeometric.jaccard(0, 0)).isEqualTo(1);
    }
}
