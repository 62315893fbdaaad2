package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HoldOutTest {
    private static final List<String> NAMES = List.of("ant", "bee", "cat", "dog", "eel", "fox");

    @Test
    void aNumberTakesTheLastClassesInTwoHalves() {
        List<String> hundred =
                IntStream.range(0, 100).mapToObj(id -> "class" + id).toList();
        HoldOut holdOut = HoldOut.parse("20", hundred);

        assertThat(holdOut.blockA()).isEqualTo(IntStream.range(80, 90).boxed().toList());
        assertThat(holdOut.blockB()).isEqualTo(IntStream.range(90, 100).boxed().toList());
        assertThat(HoldOut.parse("3", NAMES)).isEqualTo(new HoldOut(List.of(3, 4), List.of(5)));
        assertThat(HoldOut.parse("0", NAMES)).isEqualTo(HoldOut.NONE);
    }

    @Test
    void aListNamesClassesAndASlashSeparatesTheBlocks() {
        HoldOut expected = new HoldOut(List.of(0, 5), List.of(2));

        assertThat(HoldOut.parse("fox,ant/cat", NAMES)).isEqualTo(expected);
        assertThat(HoldOut.parse("5, 0 / 2", NAMES)).isEqualTo(expected);
        assertThat(HoldOut.parse("ant,fox,cat", NAMES)).isEqualTo(expected);
        assertThat(HoldOut.parse(expected.toString(), NAMES)).isEqualTo(expected);
        assertThat(HoldOut.fromJson(expected.toJson())).isEqualTo(expected);
    }

    @Test
    void theRestOfTheDataKeepsItsOrderAndTheBlocksAreWhatIsMissing() {
        DataSets reference = DataSource.open("embedded:target-a?train=2&test=1");
        HoldOut holdOut = new HoldOut(List.of(1, 8), List.of(4));

        DataSets kept = holdOut.kept(reference);

        assertThat(kept.classNames())
                .containsExactlyElementsOf(IntStream.of(0, 2, 3, 5, 6, 7, 9)
                        .mapToObj(reference.classNames()::get)
                        .toList());
        assertThat(kept.train().size()).isEqualTo(14);
        assertThat(holdOut.blockA(reference).classNames())
                .containsExactly(
                        reference.classNames().get(1), reference.classNames().get(8));
        assertThat(holdOut.blockB(reference).classNames())
                .containsExactly(reference.classNames().get(4));
        assertThat(HoldOut.NONE.kept(reference)).isSameAs(reference);
    }

    @Test
    void wrongListsSayWhatIsWrong() {
        assertThatThrownBy(() -> HoldOut.parse("ant,wolf", NAMES))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'wolf'")
                .hasMessageContaining("fox");
        assertThatThrownBy(() -> HoldOut.parse("1,6", NAMES)).hasMessageContaining("'6'");
        assertThatThrownBy(() -> HoldOut.parse("1/1", NAMES)).hasMessageContaining("twice");
        assertThatThrownBy(() -> HoldOut.parse("1/2/3", NAMES)).hasMessageContaining("slash");
        assertThatThrownBy(() -> HoldOut.parse("5", NAMES)).hasMessageContaining("fewer than 2");
        assertThatThrownBy(() -> HoldOut.parse("999", NAMES)).hasMessageContaining("fewer than 2");
    }
}
