package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.Optimiser;
import io.stamp.engine.optim.Sgd;
import io.stamp.engine.optim.SgdStep;
import io.stamp.model.Model;
import io.stamp.model.Models;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Updates of all parameters are one launch on the device, or as many as the parameters of a kernel make necessary. */
class CudaUpdateTest extends OnFakeCuda {
    /** Launches that some work is made of. */
    private static long launches(Runnable work) {
        long before = counter("launches");
        work.run();
        return counter("launches") - before;
    }

    private Model resNet20() {
        return Model.init(backend, Models.create("resnet20", 10, 0.25), 1);
    }

    @Test
    void aStepOfAnOptimiserOnAWholeNetworkIsOneLaunch() {
        Parameters parameters = resNet20().parameters();
        Parameters gradients = parameters.copies();
        assertThat(parameters.names()).hasSizeGreaterThan(50);
        List<Optimiser> optimisers = List.of(
                new Sgd(new Sgd.Options(0.9, 5e-4, true), parameters), new Adam(Adam.Options.DEFAULT, parameters));
        for (Optimiser optimiser : optimisers) {
            optimiser.begin(0.1);
            assertThat(launches(() -> optimiser.apply(parameters, gradients))).isEqualTo(1);
        }
    }

    @Test
    void theRunningStatisticsOfAWholeNetworkAreOneLaunch() {
        Model model = resNet20();
        assertThat(model.state().names()).hasSizeGreaterThan(15);
        Forward forward = Forward.of(model.network(), model.parameters(), model.state(), BatchNormMode.BATCH);
        forward.logits(Tensor.filled(backend, Shape.of(1, 32, 32, 3), 0.5));
        for (double rate : new double[] {0.1, 1}) {
            assertThat(launches(() -> forward.updateState(rate))).isEqualTo(1);
        }
    }

    /** A table holds 84 tuples of four tensors, 72 of five and 126 of two. */
    @Test
    void moreTuplesThanATableHoldsTakeMoreLaunches() {
        Tensor rate = Tensor.of(backend, Shape.of(1), 0.5);
        List<List<Tensor>> sgd = new ArrayList<>();
        List<List<Tensor>> averages = new ArrayList<>();
        for (int i = 0; i < 253; i++) {
            Shape shape = Shape.of(1 + i % 7 * 300);
            sgd.add(List.of(filled(shape, i), filled(shape, 0), filled(shape, 2), rate));
            averages.add(List.of(filled(shape, 0), filled(shape, i)));
        }
        assertThat(launches(() -> new SgdStep(0, 0, false).runAll(sgd))).isEqualTo(4);
        assertThat(launches(() -> new MovingAverage(0.5).runAll(averages))).isEqualTo(3);
        for (int i = 0; i < sgd.size(); i++) {
            assertThat(sgd.get(i).getFirst().floats()).containsOnly(i - 1);
            assertThat(averages.get(i).getFirst().floats()).containsOnly(i / 2f);
        }
    }

    private Tensor filled(Shape shape, double value) {
        return Tensor.filled(backend, shape, value);
    }

    @Test
    void tuplesWithoutElementsAreNoLaunch() {
        Shape empty = Shape.of(0, 3);
        Tensor factors = filled(Shape.of(AdamStep.FACTORS), 1);
        List<Tensor> nothing = List.of(filled(empty, 0), filled(empty, 0), filled(empty, 0), filled(empty, 0), factors);
        assertThat(launches(() -> new AdamStep(0.9, 0.999, 1e-8).runAll(List.of(nothing))))
                .isZero();
    }

    @Test
    void aLaunchThatFailsNamesTheUpdateAndHowManyTensors() {
        List<List<Tensor>> tuples = List.of(
                List.of(filled(Shape.of(3), 0), filled(Shape.of(3), 0)),
                List.of(filled(Shape.of(4), 0), filled(Shape.of(4), 0)));
        inject("launch", 0);
        try {
            assertThatThrownBy(() -> new MovingAverage(0.1).runAll(tuples))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("MovingAverage on [[3], [3]] and 1 more")
                    .hasMessageContaining("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES");
        } finally {
            inject("launch", -1);
        }
    }
}
