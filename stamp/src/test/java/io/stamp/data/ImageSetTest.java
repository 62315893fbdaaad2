package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ImageSetTest {
    private final ImageSet set = Sets.random(23, 4);

    @Test
    void pixelsAreAddressedByRowColumnAndChannel() {
        byte[] image = Sets.bytes(set, 5);

        assertThat(set.pixel(5, 3, 7, 2)).isEqualTo(image[(3 * 32 + 7) * 3 + 2] & 0xFF);
    }

    @Test
    void classSubsetRelabelsInTheOrderGivenAndKeepsNamesAndPixels() {
        ImageSet subset = set.classSubset(3, 1);

        assertThat(subset.classNames()).containsExactly("class 3", "class 1");
        assertThat(subset.size()).isEqualTo(11);
        assertThat(subset.labels()).startsWith(1, 0, 1, 0);
        assertThat(Sets.bytes(subset, 0)).isEqualTo(Sets.bytes(set, 1));
        assertThat(Sets.bytes(subset, 1)).isEqualTo(Sets.bytes(set, 3));
        assertThat(subset.storage()).as("views share pixels").isSameAs(set.storage());
    }

    @Test
    void classSubsetRefusesUnknownAndRepeatedClasses() {
        assertThatThrownBy(() -> set.classSubset(0, 4))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("0 to 3");
        assertThatThrownBy(() -> set.classSubset(1, 1))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("different");
    }

    @Test
    void firstPerClassTakesTheFirstOfEachClass() {
        assertThat(set.firstPerClass(2).labels()).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
        assertThat(set.firstPerClass(100).size()).isEqualTo(23);
        assertThat(Sets.bytes(set.firstPerClass(2), 7)).isEqualTo(Sets.bytes(set, 7));
    }

    @Test
    void randomPerClassIsBalancedAndDependsOnTheSeedAlone() {
        ImageSet drawn = set.randomPerClass(3, 9);

        assertThat(drawn.countPerClass()).containsOnly(3);
        assertThat(drawn.fingerprint())
                .isEqualTo(set.randomPerClass(3, 9).fingerprint())
                .isNotEqualTo(set.randomPerClass(3, 10).fingerprint());
    }

    @Test
    void randomSplitIsDisjointAndComplete() {
        ImageSet.Split split = set.randomSplit(4, 1);

        assertThat(split.first().countPerClass()).containsOnly(4);
        assertThat(split.first().size() + split.second().size()).isEqualTo(set.size());
        assertThat(Arrays.stream(new ImageSet[] {split.first(), split.second()})
                        .flatMap(part -> IntStream.range(0, part.size()).mapToObj(part::offset)))
                .as("every image once")
                .doesNotHaveDuplicates()
                .hasSize(set.size());
    }

    @Test
    void viewsOfViewsKeepPointingAtTheRightPixels() {
        ImageSet view = set.select(new int[] {20, 3, 8, 9}).classSubset(0).select(new int[] {1});

        assertThat(view.size()).isEqualTo(1);
        assertThat(Sets.bytes(view, 0)).isEqualTo(Sets.bytes(set, 8));
    }

    @Test
    void selectingAnImageThatIsNotThereSaysHowManyThereAre() {
        assertThatThrownBy(() -> set.select(new int[] {23}))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("0 to 22");
    }

    @Test
    void fingerprintFollowsTheContent() {
        byte[] pixels = new byte[2 * InputShape.DEFAULT.size()];
        List<String> names = List.of("a", "b");
        String base = ImageSet.of("one", InputShape.DEFAULT, pixels, new int[] {0, 1}, names)
                .fingerprint();

        assertThat(base)
                .hasSize(64)
                .isEqualTo(ImageSet.of("other name", InputShape.DEFAULT, pixels, new int[] {0, 1}, names)
                        .fingerprint());
        assertThat(ImageSet.of("one", InputShape.DEFAULT, pixels, new int[] {1, 1}, names)
                        .fingerprint())
                .isNotEqualTo(base);
        assertThat(ImageSet.of("one", InputShape.DEFAULT, pixels, new int[] {0, 1}, List.of("a", "c"))
                        .fingerprint())
                .isNotEqualTo(base);
        byte[] changed = pixels.clone();
        changed[5000] = 1;
        assertThat(ImageSet.of("one", InputShape.DEFAULT, changed, new int[] {0, 1}, names)
                        .fingerprint())
                .isNotEqualTo(base);
    }

    @Test
    void labelsOutOfRangeAndWrongSizesAreRefused() {
        assertThatThrownBy(() -> ImageSet.of(
                        "x", InputShape.DEFAULT, new byte[InputShape.DEFAULT.size()], new int[] {2}, List.of("a", "b")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("label 2")
                .hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> ImageSet.of("x", InputShape.DEFAULT, new byte[7], new int[] {0}, List.of("a")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("3072");
    }

    @Test
    void normalisationOfAKnownSetIsExact() {
        byte[] pixels = new byte[2 * InputShape.DEFAULT.size()];
        for (int i = 0; i < InputShape.DEFAULT.size(); i += 3) {
            pixels[i] = (byte) 255;
            pixels[i + 1] = 51;
            pixels[InputShape.DEFAULT.size() + i + 1] = 51;
        }
        ImageSet halves = ImageSet.of("halves", InputShape.DEFAULT, pixels, new int[] {0, 0}, List.of("a"));
        Normalisation normalisation = Normalisation.of(halves);

        assertThat(normalisation.mean()).containsExactly(0.5f, 0.2f, 0f);
        assertThat(normalisation.deviation())
                .as("constant channels have deviation 1")
                .containsExactly(0.5f, 1f, 1f);
        float[] values = normalisation.apply(halves, new int[] {1, 0});
        assertThat(values).hasSize(2 * InputShape.DEFAULT.size());
        assertThat(values[0]).isEqualTo(-1f);
        assertThat(values[InputShape.DEFAULT.size()]).isEqualTo(1f);
        assertThat(values[1]).isZero();
    }

    @Test
    void normalisingItsOwnSetGivesMeanZeroAndDeviationOne() {
        float[] values =
                Normalisation.of(set).apply(set, IntStream.range(0, set.size()).toArray());

        for (int channel = 0; channel < 3; channel++) {
            double sum = 0;
            double squares = 0;
            for (int i = channel; i < values.length; i += 3) {
                sum += values[i];
                squares += values[i] * values[i];
            }
            assertThat(sum / (values.length / 3)).isCloseTo(0, Offset.offset(1e-5));
            assertThat(squares / (values.length / 3)).isCloseTo(1, Offset.offset(1e-5));
        }
    }
}
