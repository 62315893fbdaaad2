package io.stamp.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.method.Methods;
import io.stamp.method.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Methods with settings of their own, in one form of writing. */
class ContenderTest {
    private static Contender parse(String text) {
        return Contender.parse(Methods.onClassPath(), text);
    }

    @ParameterizedTest
    @CsvSource({
        "l1, l1",
        "l1@uniform, l1",
        "joint:l1@global, joint:l1@global",
        "slimming?lambda=1e-2, slimming?lambda=0.01",
        "joint:slimming?slimming.lambda=0.010&epochs=5, joint:slimming?epochs=5&lambda=0.01",
        "taylor@stamp?batches=40&stamp.steps=0, taylor@stamp?stamp.steps=0&batches=40",
    })
    void namesHaveOneForm(String text, String name) {
        assertThat(parse(text)).hasToString(name);
        assertThat(parse(name)).hasToString(name);
    }

    @Test
    void settingsOfItsOwnComeBeforeThoseOfTheExperiment() {
        Settings experiment = Settings.parse(List.of("slimming.lambda=0.1", "slimming.batch=32"));

        assertThat(parse("slimming?lambda=0.01").settings(experiment))
                .containsEntry("slimming.lambda", 0.01)
                .containsEntry("slimming.batch", 32.0)
                .containsKey("slimming.epochs");
        assertThat(parse("slimming").settings(experiment)).containsEntry("slimming.lambda", 0.1);
    }

    @Test
    void aCellNamesTheSettingsThatAreNotTheUsualOnes() {
        assertThat(Contender.of(true, "slimming", parse("slimming?epochs=3").settings(Settings.USUAL)))
                .hasToString("joint:slimming?epochs=3");
        assertThat(Contender.of(false, "l1", parse("l1").settings(Settings.USUAL)))
                .hasToString("l1");
    }

    @ParameterizedTest
    @CsvSource({
        "slimming?lamda=1, slimming has no setting 'slimming.lamda'",
        "slimming?, 'slimming.' is no setting",
        "slimming?lambda=x, is no setting",
        "slimming?lambda=1&lambda=2, given twice",
        "slimming?lambda=-1, at least 0",
        "l1?x=1, there is nothing to set",
        "magic?x=1, There is no method 'magic'",
    })
    void whatIsWrongIsSaid(String text, String message) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(StampException.class).hasMessageContaining(message);
    }
}
