package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.DevicePool;
import io.stamp.kernels.device.Precision;
import io.stamp.kernels.dnn.AlgorithmTimer;
import io.stamp.kernels.dnn.ChoiceRecord;
import io.stamp.kernels.dnn.ConvAlgorithm;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.ConvProblem;
import io.stamp.kernels.dnn.Convolver;
import io.stamp.kernels.dnn.Dnn;
import io.stamp.kernels.dnn.MeasuredChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The algorithm that is fastest by the timer is taken and recorded. The timer is made up, so that the choice is tested, not the time. */
class MeasuredChoiceTest {
    /** The rule would take cuDNN's algorithm 1. */
    private static final ConvProblem PROBLEM = ConvProblem.forward(new ConvGeometry(1, 6, 6, 24, 24, 3, 3, 1, 1, 1));

    @TempDir
    private Path folder;

    /** Finds the named algorithm fastest, and the others slower the later they come. */
    private static final class Favouring implements AlgorithmTimer {
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

    private OpenStream open(AlgorithmTimer timer) {
        return OpenStream.choosing(new MeasuredChoice(new ChoiceRecord(file(), "the fake"), timer));
    }

    private static float[] run(OpenStream on, ConvProblem problem) {
        return run(on, on.convolver, problem);
    }

    private static float[] run(OpenStream on, Convolver convolver, ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        float[] x = new float[g.inputSize()];
        float[] w = new float[g.weightSize()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.sin(i);
        }
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) Math.cos(i);
        }
        long result = on.room(g.outputSize());
        long bias = problem.isPlain() ? 0 : on.room(g.outChannels());
        convolver.run(problem, new ConvOperands(on.onDevice(x), on.onDevice(w), bias, 0, result));
        return on.read(result, g.outputSize());
    }

    private static String chosen(OpenStream on, ConvProblem problem) {
        return on.convolver.chosen(problem).orElseThrow();
    }

    @Test
    void theFastestIsTakenRecordedAndTakenAgain() throws Exception {
        for (String favourite : List.of("own gemm", "own direct", "cudnn 0", "cudnn 1")) {
            Favouring first = new Favouring(favourite);
            float[] expected;
            try (OpenStream open = open(first)) {
                expected = run(open, PROBLEM);
                assertThat(run(open, PROBLEM)).isEqualTo(expected);
                assertThat(chosen(open, PROBLEM)).isEqualTo(favourite);
                assertThat(first.timed).containsExactlyInAnyOrder("cudnn 1", "cudnn 0", "own gemm", "own direct");
            }
            assertThat(Files.readString(file())).contains(PROBLEM + "\t" + favourite + "\t" + favourite + " 1.0 us, ");

            Favouring second = new Favouring("cudnn 0");
            try (OpenStream open = open(second)) {
                assertThat(run(open, PROBLEM)).isEqualTo(expected);
                assertThat(chosen(open, PROBLEM)).isEqualTo(favourite);
                assertThat(second.timed).isEmpty();
            }
            Files.delete(file());
        }
    }

    /** A convolution with bias and ReLU is one call of cuDNN, or the convolution as it is chosen and another pass. */
    @Test
    void whatFollowsAConvolutionIsChosenAsWell() throws Exception {
        ConvProblem problem = ConvProblem.withEpilogue(PROBLEM.geometry(), false, true);
        Favouring fused = new Favouring("cudnn fused 1");
        try (OpenStream open = open(fused)) {
            run(open, problem);
            assertThat(chosen(open, problem)).isEqualTo("cudnn fused 1");
            assertThat(fused.timed).endsWith("separate", "cudnn fused 1", "cudnn fused 0");
        }
        Files.delete(file());
        try (OpenStream open = open(new Favouring("separate"))) {
            run(open, problem);
            assertThat(chosen(open, problem)).isEqualTo("separate");
            assertThat(chosen(open, PROBLEM)).isEqualTo("cudnn 1");
        }
        try (OpenStream open = OpenStream.byRule(Precision.STRICT)) {
            run(open, problem);
            assertThat(chosen(open, problem)).isEqualTo("separate");
        }
    }

    @Test
    void withoutARecordTheRuleChooses() {
        try (OpenStream open = OpenStream.byRule(Precision.STRICT)) {
            run(open, PROBLEM);
            assertThat(chosen(open, PROBLEM)).isEqualTo("cudnn 1");
            assertThat(open.convolver.description()).endsWith("convolutions chosen by a fixed rule");
        }
    }

    @Test
    void aRecordThatNamesWhatIsNotThereIsMeasuredAnew() throws Exception {
        try (OpenStream open = open(new Favouring("cudnn 0"))) {
            run(open, PROBLEM);
        }
        Files.writeString(file(), Files.readString(file()).replace("\tcudnn 0\t", "\tcudnn 77\t"));
        try (OpenStream open = open(new Favouring("own gemm"))) {
            run(open, PROBLEM);
            assertThat(chosen(open, PROBLEM)).isEqualTo("own gemm");
        }
        assertThat(Files.readString(file())).contains("\town gemm\t").doesNotContain("cudnn 77");
    }

    private static void capture(OpenStream on, ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        ConvOperands operands =
                ConvOperands.of(on.room(g.inputSize()), on.room(g.weightSize()), on.room(g.outputSize()));
        DevicePool memory = on.pool.siblingForGraph();
        on.stream.beginCapture(memory);
        on.stream.withScratch(() -> on.convolver.run(problem, operands));
        on.stream.endCapture().close();
        memory.close();
        on.stream.end();
    }

    @Test
    void nothingIsMeasuredWhileAStepIsCaptured() {
        Favouring timer = new Favouring("own gemm");
        try (OpenStream open = open(timer)) {
            capture(open, PROBLEM);
            assertThat(timer.timed).isEmpty();
            assertThat(chosen(open, PROBLEM)).isEqualTo("cudnn 1");
            assertThat(file()).doesNotExist();
        }
        try (OpenStream open = open(timer)) {
            run(open, PROBLEM);
            assertThat(chosen(open, PROBLEM)).isEqualTo("own gemm");
        }
        timer.timed.clear();
        try (OpenStream open = open(timer)) {
            capture(open, PROBLEM);
            assertThat(timer.timed).isEmpty();
            assertThat(chosen(open, PROBLEM)).isEqualTo("own gemm");
        }
    }

    @Test
    void aLibraryThatDeclinesIsLeftOutAndOtherFailuresAreNot() {
        AlgorithmTimer declining = (name, run, best) -> {
            if (name.startsWith("cudnn")) {
                throw new CudaException("cudnnConvolutionForward", 9, "it declines.");
            }
            return 1;
        };
        try (OpenStream open = open(declining)) {
            run(open, PROBLEM);
            assertThat(chosen(open, PROBLEM)).startsWith("own ");
        }
        ConvProblem other = ConvProblem.inputGradient(PROBLEM.geometry());
        AlgorithmTimer failing = (name, run, best) -> {
            throw new CudaException("cuEventSynchronize", 700, "the device is lost.");
        };
        try (OpenStream open = open(failing)) {
            assertThatThrownBy(() -> run(open, other)).hasMessage("the device is lost.");
            open.stream.end();
        }
    }

    /** What did not fit may be the fastest all the same: the next run tries it again. */
    @Test
    void anAlgorithmWithoutMemoryIsNotRecordedAsSlower() throws Exception {
        List<DevicePool> device = new ArrayList<>();
        Favouring favouring = new Favouring("own gemm");
        AlgorithmTimer crowded = (name, run, best) -> {
            if (name.equals("cudnn 1")) {
                device.getFirst().allocate(1L << 50, "its workspace");
            }
            return favouring.microseconds(name, run, best);
        };
        try (OpenStream open = open(crowded)) {
            device.add(open.pool);
            run(open, PROBLEM);
            assertThat(chosen(open, PROBLEM)).isEqualTo("own gemm");
            assertThat(favouring.timed).hasSize(3);
            run(open, PROBLEM);
            assertThat(favouring.timed).hasSize(3);
            assertThat(file()).doesNotExist();
        }
        try (OpenStream open = open(new Favouring("cudnn 1"))) {
            run(open, PROBLEM);
            assertThat(chosen(open, PROBLEM)).isEqualTo("cudnn 1");
        }
        assertThat(Files.readString(file())).contains(PROBLEM + "\tcudnn 1\t");
    }

    /** Offers one algorithm, which fails as that call does. */
    private static Dnn failing(String call) {
        return new Dnn() {
            @Override
            public List<ConvAlgorithm> algorithms(ConvProblem problem) {
                return List.of(ConvAlgorithm.of("cudnn 1", _ -> {
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
        try (OpenStream open = OpenStream.byRule(Precision.STRICT)) {
            float[] expected = run(open, PROBLEM);
            Convolver declined =
                    new Convolver(open.stream, failing("cudnnConvolutionForward"), open.own, Optional.empty());
            assertThat(run(open, declined, PROBLEM)).containsExactly(expected, within(1e-4f));
            assertThat(declined.chosen(PROBLEM))
                    .hasValueSatisfying(name -> assertThat(name).startsWith("own "));

            Convolver lost = new Convolver(open.stream, failing("cuLaunchKernel"), open.own, Optional.empty());
            assertThatThrownBy(() -> run(open, lost, PROBLEM)).hasMessage("cuLaunchKernel failed.");
            open.stream.end();
        }
    }
}
