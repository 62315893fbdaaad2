package io.stamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class KnownPropertiesTest {
    private static final String WINOGRAD = "stamp.winograd";

    private static Properties given(String... names) {
        Properties given = new Properties();
        for (String name : names) {
            given.setProperty(name, "on");
        }
        return given;
    }

    @Test
    void eachHasAMeaningAndANameOfItsOwn() {
        List<KnownProperty> all = KnownProperties.all();
        assertThat(all).extracting(KnownProperty::name).doesNotHaveDuplicates().contains(WINOGRAD, "stamp.vector.bits");
        assertThat(all).allSatisfy(property -> {
            assertThat(property.name()).startsWith("stamp.");
            assertThat(property.meaning()).isNotBlank();
        });
    }

    @Test
    void aMisspeltOneIsRefusedWithTheNearest() {
        assertThatThrownBy(() -> KnownProperties.requireKnown(given("stamp.winogard"), List.of()))
                .isInstanceOf(StampException.class)
                .hasMessageStartingWith(
                        "There is no system property 'stamp.winogard'; the nearest are stamp.winograd and ");
    }

    @Test
    void knownOnesThoseOfOthersAndThoseOfTheCallerAreAccepted() {
        KnownProperty own = new KnownProperty("stamp.own", "", false);
        KnownProperties.requireKnown(given(WINOGRAD, "stamp.own", "stampede", "user.name"), List.of(own));
    }

    @Test
    void thoseThatAreSetAndChangeResultsAreFound() {
        String before = System.getProperty(WINOGRAD);
        System.setProperty(WINOGRAD, "on");
        System.setProperty(Storage.ALLOCATION_SITES, "false");
        try {
            assertThat(KnownProperties.changingResults())
                    .containsEntry(WINOGRAD, "on")
                    .doesNotContainKey(Storage.ALLOCATION_SITES);
            assertThat(KnownProperties.changingResultsAsText()).contains("-Dstamp.winograd=on");
        } finally {
            System.clearProperty(Storage.ALLOCATION_SITES);
            if (before == null) {
                System.clearProperty(WINOGRAD);
            } else {
                System.setProperty(WINOGRAD, before);
            }
        }
    }
}
