package io.stamp.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long nanoTime = 5;

    private Progress.Lines lines() {
        return new Progress.Lines(out, () -> nanoTime);
    }

    private void waitSeconds(double seconds) {
        nanoTime += Math.round(seconds * 1e9);
    }

    private List<String> printed() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aLineForEveryTenthWithRateAndTimeLeft() {
        Progress.Lines lines = lines();
        lines.start("train", 100, "steps");
        for (int step = 1; step <= 100; step++) {
            waitSeconds(1);
            lines.advance(step, "loss " + step);
        }
        lines.finish();

        assertThat(printed()).hasSize(10);
        assertThat(printed().getFirst()).isEqualTo("train: 10 of 100 steps, 1.00 steps/s, 1:30 left, loss 10");
        assertThat(printed().getLast()).isEqualTo("train: 100 steps in 1:40, 1.00 steps/s, loss 100");
    }

    @Test
    void fastWorkPrintsOnlyItsEnd() {
        Progress.Lines lines = lines();
        lines.start("read", 1000, "images");
        for (int image = 1; image <= 1000; image++) {
            waitSeconds(0.0005);
            lines.advance(image, "");
        }
        lines.finish();

        assertThat(printed()).containsExactly("read: 1000 images in 0.5 s, 2000 images/s");
    }

    @Test
    void slowWorkPrintsTwiceAMinute() {
        Progress.Lines lines = lines();
        lines.start("search", 1000, "steps");
        for (int step = 1; step <= 12; step++) {
            waitSeconds(10);
            lines.advance(step, "");
        }

        assertThat(printed())
                .hasSize(4)
                .allMatch(line -> line.contains("0.10 steps/s"))
                .last()
                .asString()
                .isEqualTo("search: 12 of 1000 steps, 0.10 steps/s, 2:44:40 left");
    }

    @Test
    void whatAnEarlierRunDidIsNotInTheRate() {
        Progress.Lines lines = lines();
        lines.start("train", 50, 100, "steps");
        waitSeconds(5);
        lines.advance(60, "");
        lines.finish();

        assertThat(printed())
                .containsExactly(
                        "train: 60 of 100 steps, 2.00 steps/s, 20.0 s left",
                        "train: 60 of 100 steps in 5.0 s, 2.00 steps/s");
    }

    @Test
    void theBarStaysInOneLineOfTheTerminal() throws InterruptedException {
        Progress.Bar bar = new Progress.Bar(out, 80);
        bar.start("train", 10, "steps");
        for (int step = 1; step <= 10; step++) {
            Thread.sleep(40);
            bar.advance(step, "loss 0.5");
        }
        bar.finish();

        String drawn = bytes.toString(StandardCharsets.UTF_8);
        assertThat(drawn).endsWith("\n").contains("10/10 steps").contains("/s");
        assertThat(drawn.strip().split("\r")).allMatch(line -> line.length() < 80);
        assertThat(drawn.strip()).doesNotContain("\n");
    }
}
