package io.stamp.engine.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /** The known-answer vectors published with the Random123 library for philox4x32-10. */
    @Test
    void matchesTheKnownAnswersOfRandom123() {
        int[] out = new int[4];
        Philox.rounds(0, 0, 0, 0, 0, 0, out);
        assertThat(out).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        Philox.rounds(-1, -1, -1, -1, -1, -1, out);
        assertThat(out).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        Philox.rounds(0xa4093822, 0x299f31d0, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, out);
        assertThat(out).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void uniformStaysInsideTheOpenInterval() {
        assertThat(Philox.uniform(0)).isEqualTo(0x1p-25f);
        assertThat(Philox.uniform(-1)).isEqualTo(1 - 0x1p-24f).isLessThan(1f);
    }

    @Test
    void aStreamContinuesFromAnyPosition() {
        RandomStream whole = new RandomStream(7, 3);
        int[] numbers = IntStream.range(0, 11).map(i -> whole.nextBits()).toArray();
        for (int from = 0; from < numbers.length; from++) {
            assertThat(new RandomStream(7, 3, from).nextBits()).isEqualTo(numbers[from]);
        }
    }

    @Test
    void shuffleIsAPermutationAndDependsOnTheSeed() {
        int[] a = IntStream.range(0, 100).toArray();
        int[] b = a.clone();
        new RandomStream(1, 0).shuffle(a);
        new RandomStream(2, 0).shuffle(b);
        assertThat(a).isNotEqualTo(b).containsExactlyInAnyOrder(b);
    }
}
