package io.stamp.bench.cli;

import io.stamp.train.ProgressListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far long work has come, its rate and the time left: a bar on a terminal, and elsewhere plain lines, few enough to
 * read in a log.
 */
public final class Progress {
    private Progress() {}

    /** A listener that writes to standard error. */
    public static ProgressListener onStandardError() {
        return StandardError.isTerminal()
                ? new Bar(System.err, StandardError.columns())
                : new Lines(System.err, System::nanoTime);
    }

    /** A bar that is drawn over and over in one line. */
    static final class Bar implements ProgressListener {
        private static final int MILLIS_BETWEEN_UPDATES = 250;

        private final PrintStream out;
        private final int columns;
        private ProgressBar bar;

        Bar(PrintStream out, int columns) {
            this.out = out;
            this.columns = columns;
        }

        @Override
        public void start(String phase, long done, long total, String unit) {
            finish();
            bar = new ProgressBarBuilder()
                    .setTaskName(phase)
                    .setInitialMax(total)
                    .setUnit(" " + unit, 1)
                    .showSpeed()
                    .startsFrom(done, Duration.ZERO)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(MILLIS_BETWEEN_UPDATES)
                    .setConsumer(new OneLine())
                    .build();
        }

        @Override
        public void advance(long done, String note) {
            bar.stepTo(done);
            bar.setExtraMessage(note.isEmpty() ? "" : " " + note);
        }

        @Override
        public void finish() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }

        private final class OneLine implements ProgressBarConsumer {
            @Override
            public int getMaxRenderedLength() {
                // The last column stays free: some terminals begin a new line when it is written.
                return columns - 1;
            }

            @Override
            public void accept(String rendered) {
                out.print("\r" + rendered);
                out.flush();
            }

            @Override
            public void close() {
                out.println();
            }
        }
    }

    /** A line for every tenth of the work, but not within two seconds of the last one, and at least twice a minute. */
    static final class Lines implements ProgressListener {
        private static final long SHORTEST = Duration.ofSeconds(2).toNanos();
        private static final long LONGEST = Duration.ofSeconds(30).toNanos();

        private final PrintStream out;
        private final LongSupplier nanoTime;
        private String phase;
        private String unit;
        private long total;
        private long first;
        private long done;
        private String note = "";
        private long startTime;
        private long lineTime;
        private long lineTenth;

        Lines(PrintStream out, LongSupplier nanoTime) {
            this.out = out;
            this.nanoTime = nanoTime;
        }

        @Override
        public void start(String newPhase, long alreadyDone, long newTotal, String newUnit) {
            finish();
            phase = newPhase;
            unit = newUnit;
            total = newTotal;
            first = alreadyDone;
            done = alreadyDone;
            note = "";
            startTime = nanoTime.getAsLong();
            lineTime = startTime;
            lineTenth = tenth();
        }

        @Override
        public void advance(long newDone, String newNote) {
            done = newDone;
            note = newNote;
            long now = nanoTime.getAsLong();
            long wait = now - lineTime;
            if (done < total && (wait >= LONGEST || (wait >= SHORTEST && tenth() > lineTenth))) {
                lineTime = now;
                lineTenth = tenth();
                double rate = rate(now);
                String left = rate > 0 ? ", " + time((total - done) / rate) + " left" : "";
                line(String.format(Locale.ROOT, "%d of %d %s, %s%s", done, total, unit, perSecond(rate), left));
            }
        }

        @Override
        public void finish() {
            if (phase == null) {
                return;
            }
            long now = nanoTime.getAsLong();
            String amount = done == total ? total + " " + unit : done + " of " + total + " " + unit;
            line(amount + " in " + time((now - startTime) * 1e-9) + ", " + perSecond(rate(now)));
            phase = null;
        }

        private void line(String text) {
            out.println(phase + ": " + text + (note.isEmpty() ? "" : ", " + note));
        }

        private long tenth() {
            return total == 0 ? 0 : done * 10 / total;
        }

        private double rate(long now) {
            return now > startTime ? (done - first) / ((now - startTime) * 1e-9) : 0;
        }

        private String perSecond(double rate) {
            return String.format(Locale.ROOT, rate < 10 ? "%.2f %s/s" : "%.0f %s/s", rate, unit);
        }

        /** {@code 1:02:03}, {@code 2:03}, or {@code 4.2 s} for less than a minute. */
        private static String time(double seconds) {
            if (seconds < 60) {
                return String.format(Locale.ROOT, "%.1f s", seconds);
            }
            Duration duration = Duration.ofSeconds(Math.round(seconds));
            if (duration.toHours() > 0) {
                return String.format(
                        Locale.ROOT,
                        "%d:%02d:%02d",
                        duration.toHours(),
                        duration.toMinutesPart(),
                        duration.toSecondsPart());
            }
            return String.format(Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart());
        }
    }
}
