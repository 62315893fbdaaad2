package io.stamp.engine.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.vector.runtime.Lanes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("timing")
class SelfTestTest {
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private static void plain(float[] x, float[] y) {
        for (int i = 0; i < y.length; i++) {
            y[i] = 2 * x[i];
        }
    }

    private static void slow(float[] x, float[] y) {
        plain(x, y);
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    private static void wrong(float[] x, float[] y) {
        plain(x, y);
        y[y.length - 1] = 7;
    }

    @Test
    void whatIsRightAndFastWorks() {
        Backend.Support support = SelfTest.run(SelfTestTest::slow, SelfTestTest::plain, PATIENCE_NANOS);

        assertThat(support.supported()).isTrue();
        assertThat(support.reason())
                .startsWith("Vector API, " + Lanes.COUNT + " lanes")
                .doesNotContain("slow");
    }

    @Test
    void whatIsRightAndSlowWorksWithAHint() {
        Backend.Support support = SelfTest.run(SelfTestTest::plain, SelfTestTest::slow, PATIENCE_NANOS);

        assertThat(support.supported()).isTrue();
        assertThat(support.reason()).startsWith("Vector API, ").containsPattern("; slow: it took \\d+ times as long");
    }

    @Test
    void whatIsWrongDoesNotWorkHoweverFast() {
        Backend.Support support = SelfTest.run(SelfTestTest::slow, SelfTestTest::wrong, PATIENCE_NANOS);

        assertThat(support.supported()).isFalse();
        assertThat(support.reason()).contains("computes 7.0 instead of", "another JVM");
    }
}
