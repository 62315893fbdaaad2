package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.Precision;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.DevicePool;
import io.stamp.kernels.dnn.ChoiceRecord;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.ConvWay;
import io.stamp.kernels.dnn.ConvWork;
import io.stamp.kernels.dnn.Convolver;
import io.stamp.kernels.dnn.Dnn;
import io.stamp.kernels.dnn.MeasuredChoice;
import io.stamp.kernels.dnn.Stopwatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way that is fastest by the stopwatch is taken and recorded. The stopwatch is made up, so that the choice is tested, not the time. */
class MeasuredChoiceTest {
    /** The rule would take cuDNN's algorithm 1. */
    private static final ConvWork WORK = ConvWork.forward(new ConvGeometry(1, 6, 6, 24, 24, 3, 3, 1, 1, 1));

    @TempDir
    private Path folder;

    /** Finds the named way fastest, and the others slower the later they come. */
    private static final class Favouring implements Stopwatch {
        private final String favourite;
        private final List<String> timed = new ArrayList<>();

        Favouring(String favourite) {
            this.favourite = favourite;
        }

        @Override
        public double microseconds(String name, Runnable run, double best) {
            run.run();
            timed.add(name);
            return name.equals(favourite) ? 1 : 10 + timed.size();
        }
    }

    private Path file() {
        return folder.resolve("choices.txt");
    }

    private OpenQueue open(Stopwatch stopwatch) {
        return OpenQueue.choosing(new MeasuredChoice(new ChoiceRecord(file(), "the fake"), stopwatch));
    }

    private static float[] run(OpenQueue on, ConvWork work) {
        return run(on, on.queue.convolver(), work);
    }

    private static float[] run(OpenQueue on, Convolver convolver, ConvWork work) {
        ConvGeometry g = work.geometry();
        float[] x = new float[g.inputSize()];
        float[] w = new float[g.weightSize()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.sin(i);
        }
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) Math.cos(i);
        }
        long result = on.room(g.outputSize());
        long bias = work.isPlain() ? 0 : on.room(g.outChannels());
        convolver.run(work, new ConvOperands(on.onDevice(x), on.onDevice(w), bias, 0, result));
        return on.read(result, g.outputSize());
    }

    private static String chosen(OpenQueue on, ConvWork work) {
        return on.queue.convolver().chosen(work).orElseThrow();
    }

    @Test
    void theFastestIsTakenRecordedAndTakenAgain() throws Exception {
        for (String favourite : List.of("own product", "own direct", "cudnn 0", "cudnn 1")) {
            Favouring first = new Favouring(favourite);
            float[] expected;
            try (OpenQueue open = open(first)) {
                expected = run(open, WORK);
                assertThat(run(open, WORK)).isEqualTo(expected);
                assertThat(chosen(open, WORK)).isEqualTo(favourite);
                assertThat(first.timed).containsExactlyInAnyOrder("cudnn 1", "cudnn 0", "own product", "own direct");
            }
            assertThat(Files.readString(file())).contains(WORK + "\t" + favourite + "\t" + favourite + " 1.0 us, ");

            Favouring second = new Favouring("cudnn 0");
            try (OpenQueue open = open(second)) {
                assertThat(run(open, WORK)).isEqualTo(expected);
                assertThat(chosen(open, WORK)).isEqualTo(favourite);
                assertThat(second.timed).isEmpty();
            }
            Files.delete(file());
        }
    }

    /** A convolution with bias and ReLU is one call of cuDNN, or the convolution as it is chosen and another pass. */
    @Test
    void whatFollowsAConvolutionIsChosenAsWell() throws Exception {
        ConvWork work = ConvWork.finished(WORK.geometry(), false, true);
        Favouring fused = new Favouring("cudnn fused 1");
        try (OpenQueue open = open(fused)) {
            run(open, work);
            assertThat(chosen(open, work)).isEqualTo("cudnn fused 1");
            assertThat(fused.timed).endsWith("separate", "cudnn fused 1", "cudnn fused 0");
        }
        Files.delete(file());
        try (OpenQueue open = open(new Favouring("separate"))) {
            run(open, work);
            assertThat(chosen(open, work)).isEqualTo("separate");
            assertThat(chosen(open, WORK)).isEqualTo("cudnn 1");
        }
        try (OpenQueue open = OpenQueue.byRule(Precision.STRICT)) {
            run(open, work);
            assertThat(chosen(open, work)).isEqualTo("separate");
        }
    }

    @Test
    void withoutARecordTheRuleChooses() {
        try (OpenQueue open = OpenQueue.byRule(Precision.STRICT)) {
            run(open, WORK);
            assertThat(chosen(open, WORK)).isEqualTo("cudnn 1");
            assertThat(open.queue.convolver().description()).endsWith("convolutions chosen by a fixed rule");
        }
    }

    @Test
    void aRecordThatNamesWhatIsNotThereIsMeasuredAnew() throws Exception {
        try (OpenQueue open = open(new Favouring("cudnn 0"))) {
            run(open, WORK);
        }
        Files.writeString(file(), Files.readString(file()).replace("\tcudnn 0\t", "\tcudnn 77\t"));
        try (OpenQueue open = open(new Favouring("own product"))) {
            run(open, WORK);
            assertThat(chosen(open, WORK)).isEqualTo("own product");
        }
        assertThat(Files.readString(file())).contains("\town product\t").doesNotContain("cudnn 77");
    }

    private static void capture(OpenQueue on, ConvWork work) {
        ConvGeometry g = work.geometry();
        ConvOperands operands =
                ConvOperands.of(on.room(g.inputSize()), on.room(g.weightSize()), on.room(g.outputSize()));
        DevicePool memory = on.pool.siblingForGraph();
        on.queue.beginCapture(memory);
        on.queue.withScratch(() -> on.queue.convolver().run(work, operands));
        on.queue.endCapture().close();
        memory.close();
        on.queue.end();
    }

    @Test
    void nothingIsMeasuredWhileAStepIsCaptured() {
        Favouring stopwatch = new Favouring("own product");
        try (OpenQueue open = open(stopwatch)) {
            capture(open, WORK);
            assertThat(stopwatch.timed).isEmpty();
            assertThat(chosen(open, WORK)).isEqualTo("cudnn 1");
            assertThat(file()).doesNotExist();
        }
        try (OpenQueue open = open(stopwatch)) {
            run(open, WORK);
            assertThat(chosen(open, WORK)).isEqualTo("own product");
        }
        stopwatch.timed.clear();
        try (OpenQueue open = open(stopwatch)) {
            capture(open, WORK);
            assertThat(stopwatch.timed).isEmpty();
            assertThat(chosen(open, WORK)).isEqualTo("own product");
        }
    }

    @Test
    void aLibraryThatDeclinesIsLeftOutAndOtherFailuresAreNot() {
        Stopwatch declining = (name, run, best) -> {
            if (name.startsWith("cudnn")) {
                throw new CudaException("cudnnConvolutionForward", 9, "it declines.");
            }
            return 1;
        };
        try (OpenQueue open = open(declining)) {
            run(open, WORK);
            assertThat(chosen(open, WORK)).startsWith("own ");
        }
        ConvWork other = ConvWork.inputGradient(WORK.geometry());
        Stopwatch failing = (name, run, best) -> {
            throw new CudaException("cuEventSynchronize", 700, "the device is lost.");
        };
        try (OpenQueue open = open(failing)) {
            assertThatThrownBy(() -> run(open, other)).hasMessage("the device is lost.");
            open.queue.end();
        }
    }

    /** Offers one way, which fails as that call does. */
    private static Dnn failing(String call) {
        return new Dnn() {
            @Override
            public List<ConvWay> ways(ConvWork work) {
                return List.of(ConvWay.of("cudnn 1", _ -> {
                    throw new CudaException(call, 9, call + " failed.");
                }));
            }

            @Override
            public String description() {
                return "fails";
            }

            @Override
            public void close() {
                // There is nothing to give back.
            }
        };
    }

    @Test
    void theRuleGoesOnWhereALibraryDeclinesAndNotAfterOtherFailures() {
        try (OpenQueue open = OpenQueue.byRule(Precision.STRICT)) {
            float[] expected = run(open, WORK);
            Convolver declined =
                    new Convolver(open.queue, failing("cudnnConvolutionForward"), open.own, Optional.empty());
            assertThat(run(open, declined, WORK)).containsExactly(expected, within(1e-4f));
            assertThat(declined.chosen(WORK))
                    .hasValueSatisfying(name -> assertThat(name).startsWith("own "));

            Convolver lost = new Convolver(open.queue, failing("cuLaunchKernel"), open.own, Optional.empty());
            assertThatThrownBy(() -> run(open, lost, WORK)).hasMessage("cuLaunchKernel failed.");
            open.queue.end();
        }
    }
}
