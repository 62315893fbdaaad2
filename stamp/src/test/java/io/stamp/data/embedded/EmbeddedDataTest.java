package io.stamp.data.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.ImageSet;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedDataTest {
    private static byte[] image(ImageSet set, int index) {
        byte[] bytes = new byte[InputShape.DEFAULT.size()];
        set.copyImage(index, bytes, 0);
        return bytes;
    }

    @Test
    void defaultsAreEnoughClassesAndImages() {
        assertThat(DataSource.open("embedded:reference").classes()).isGreaterThanOrEqualTo(60);
        for (String target : new String[] {"target-a", "target-b"}) {
            DataSets data = DataSource.open("embedded:" + target);
            assertThat(data.train().countPerClass()).hasSize(10).containsOnly(500);
            assertThat(data.test().countPerClass()).containsOnly(200);
        }
    }

    @Test
    void targetClassesAreNotInTheReference() {
        Set<String> reference =
                new HashSet<>(DataSource.open("embedded:reference").classNames());
        assertThat(reference).hasSize(DataSource.open("embedded:reference").classes());
        Set<String> a = new HashSet<>(DataSource.open("embedded:target-a").classNames());
        Set<String> b = new HashSet<>(DataSource.open("embedded:target-b").classNames());

        assertThat(a)
                .doesNotContainAnyElementsOf(reference)
                .doesNotContainAnyElementsOf(b)
                .hasSize(10);
        assertThat(b).doesNotContainAnyElementsOf(reference).hasSize(10);
    }

    @Test
    void imageIOfClassCIsTheSameHoweverManyAreAskedFor() {
        ImageSet few = DataSource.open("embedded:reference?train=2&test=1").train();
        ImageSet many = DataSource.open("embedded:reference?train=5&test=3").train();

        assertThat(few.firstPerClass(2).fingerprint())
                .isEqualTo(many.firstPerClass(2).fingerprint());
    }

    @Test
    void seedsSplitsAndClassesDiffer() {
        DataSets one = DataSource.open("embedded:target-a?train=2&test=2&seed=1");
        DataSets two = DataSource.open("embedded:target-a?train=2&test=2&seed=2");

        assertThat(image(one.train(), 0))
                .isNotEqualTo(image(two.train(), 0))
                .isNotEqualTo(image(one.test(), 0))
                .isNotEqualTo(image(one.train(), 1))
                .isNotEqualTo(image(one.train(), 10));
    }

    /** The content is part of every measurement, so a change of it must be deliberate. */
    @ParameterizedTest
    @CsvSource({"reference, 614b3af0b262dec6", "target-a, e87a361cf1264481", "target-b, 0fab1c4b07cc933c"})
    void contentIsPinned(String name, String fingerprint) {
        assertThat(DataSource.open("embedded:" + name + "?train=20&test=1")
                        .train()
                        .fingerprint())
                .startsWith(fingerprint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "embedded:animals",
                "embedded:reference?train=0",
                "embedded:reference?train=x",
                "embedded:reference?seed=",
                "embedded:reference?size=3",
                "embedded:reference?",
                "embedded:target-a?test=99999999"
            })
    void badNamesAndOptionsAreRefusedWithAHint(String source) {
        assertThatThrownBy(() -> DataSource.open(source))
                .isInstanceOf(StampException.class)
                .message()
                .containsAnyOf("reference, target-a, target-b", "train=COUNT", "whole number", "from 1 to");
    }

    @Test
    void theSourceNamesEveryOption() {
        assertThat(DataSource.open("embedded:target-b?seed=4").source())
                .isEqualTo("embedded:target-b?train=500&test=200&seed=4");
    }

    @Test
    void everyImageShowsItsObject() {
        ImageSet set = DataSource.open("embedded:target-b?train=20").train();
        for (int i = 0; i < set.size(); i++) {
            long values = Arrays.stream(toInts(image(set, i))).distinct().count();
            assertThat(values).as("distinct byte values of image %d", i).isGreaterThan(20);
        }
    }

    private static int[] toInts(byte[] bytes) {
        int[] result = new int[bytes.length];
        Arrays.setAll(result, i -> bytes[i]);
        return result;
    }

    /** A linear classifier on 5,000 images learns something, but far from enough; a small ResNet passes 85 %. */
    @ParameterizedTest
    @ValueSource(strings = {"target-a", "target-b"})
    void aLinearClassifierStaysUnderSixtyPercent(String target) {
        DataSets data = DataSource.open("embedded:" + target);

        double accuracy = SoftmaxRegression.train(data.train(), 8, 1e-3f, 0.1f).accuracy(data.test());

        assertThat(accuracy).isBetween(0.15, 0.60);
    }
}
