package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataSourceTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"embedded:reference", "cifar10:a/b", "cifar100:/x", "svhn:.", "idx:~", "bin:c:d", "images:e f"})
    void everyFormReadsBackAsWritten(String text) {
        assertThat(DataSource.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cifar", "CIFAR10:x", "mnist:dir", "/some/dir", ":x"})
    void anUnknownSchemeListsTheKnownOnes(String text) {
        assertThatThrownBy(() -> DataSource.parse(text))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining(
                        "embedded:NAME | cifar10:DIR | cifar100:DIR | svhn:DIR | " + "idx:DIR | bin:DIR | images:DIR");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cifar10", "cifar10:", "embedded: "})
    void aMissingArgumentIsNamed(String text) {
        assertThatThrownBy(() -> DataSource.parse(text))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("names no");
    }

    @Test
    void aTextThatIsNoPathIsRefused() {
        assertThatThrownBy(() -> DataSource.open("cifar10:a\0b"))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("not a path");
    }

    @Test
    void classSubsetOfBothSplits() {
        DataSets data = DataSource.open("embedded:target-a?train=3&test=2").classSubset(4, 2);

        assertThat(data.classNames()).hasSize(2);
        assertThat(data.train().countPerClass()).containsExactly(3, 3);
        assertThat(data.test().countPerClass()).containsExactly(2, 2);
        assertThat(data.test().classNames()).isEqualTo(data.classNames());
        assertThatThrownBy(() -> data.classSubset(2)).isInstanceOf(StampException.class);
    }
}
