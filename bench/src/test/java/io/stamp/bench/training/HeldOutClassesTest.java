package io.stamp.bench.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.meta.MetaValidation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where there is nothing to judge on; what a judgement says is in {@code MetaTrainCommandTest}. */
class HeldOutClassesTest {
    private final StringWriter text = new StringWriter();

    /** No network is asked, so that none is needed. */
    private HeldOutClasses.Scores judge(HoldOut holdOut) {
        var reference = DataSource.open("embedded:target-a?train=2&test=1");
        return new HeldOutClasses(
                        null, reference, holdOut, new MetaValidation(1, 1, 1, 0.4, MetaValidation.Source.RANDOM))
                .judge(null, new PrintWriter(text, true));
    }

    @Test
    void withoutHeldOutClassesThereIsNothingToJudgeOn() {
        assertThat(judge(HoldOut.NONE)).isEqualTo(HeldOutClasses.Scores.NONE);
        assertThat(text.toString()).contains("holds out no classes");
    }

    @Test
    void oneClassIsNoTask() {
        assertThat(judge(new HoldOut(List.of(3), List.of()))).isEqualTo(HeldOutClasses.Scores.NONE);
        assertThat(text.toString().lines()).hasSize(2).allMatch(line -> line.contains("fewer than 2 classes"));
    }
}
