package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.Throughput;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Sgd;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.train.Batches;
import io.stamp.train.Distillation;
import io.stamp.train.RecordedTraining;
import io.stamp.train.Teacher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training, inference and their measurement on the device, with graphs and without. */
class CudaTrainingTest extends OnFakeCuda {
    private static final int BATCH = 2;
    private static final int CLASSES = 3;
    private static final int STEPS = 5;

    private Model model() {
        return Model.init(backend, Models.create("resnet20", CLASSES, 0.1), 5);
    }

    private static float[] pixels(int batch) {
        float[] pixels = new float[InputShape.DEFAULT.batch(BATCH).length()];
        RandomStream random = new RandomStream(batch, 3);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextUniform() - 0.5f;
        }
        return pixels;
    }

    /** Losses, and the parameters at the end. */
    private List<float[]> train(boolean graphs, Optional<Teacher> teacher) {
        List<float[]> seen = new ArrayList<>();
        Model model = model();
        Sgd sgd = new Sgd(new Sgd.Options(0.9, 5e-4, true), model.parameters());
        try (RecordedTraining training = new RecordedTraining(model, sgd, Parameters.empty(), teacher, BATCH, graphs)) {
            for (int step = 0; step < STEPS; step++) {
                training.set(pixels(step), Batches.rows(new int[] {step % CLASSES, 1}, CLASSES, 0.1));
                seen.add(training.step(0.1 / (1 + step)).floats());
            }
            assertThat(training.isGraph()).isEqualTo(graphs);
        }
        assertThat(sgd.steps()).isEqualTo(STEPS);
        model.parameters().tensors().forEach(parameter -> seen.add(parameter.floats()));
        model.state().tensors().forEach(moments -> seen.add(moments.floats()));
        return seen;
    }

    @Test
    void trainingGivesTheSameBitsWithGraphsAndWithout() {
        assertSameWithGraphs(Optional.empty());
    }

    /** The teacher's inference is a part of the graph. */
    @Test
    void soDoesTrainingWithATeacher() {
        Model teacher = Model.init(backend, Models.create("resnet20", CLASSES, 0.2), 6);
        List<float[]> taught = assertSameWithGraphs(Optional.of(new Teacher(teacher, Distillation.USUAL)));
        assertThat(taught.getFirst()).isNotEqualTo(train(true, Optional.empty()).getFirst());
    }

    private List<float[]> assertSameWithGraphs(Optional<Teacher> teacher) {
        List<float[]> eager = train(false, teacher);
        long launches = counter("graph-launches");
        List<float[]> graphs = train(true, teacher);
        assertThat(counter("graph-launches")).isEqualTo(launches + STEPS - 1);
        for (int i = 0; i < eager.size(); i++) {
            assertThat(graphs.get(i)).isEqualTo(eager.get(i));
        }
        assertThat(eager.get(0)).isNotEqualTo(eager.get(STEPS - 1));
        return eager;
    }

    @Test
    void inferenceIsTheSameWithGraphsAndWithout() {
        Inference inference = model().inference();
        Input images = Input.of(backend, InputShape.DEFAULT.batch(BATCH));
        try (Recording recording = inference.recorded(images, true)) {
            for (int i = 0; i < STEPS; i++) {
                images.set(pixels(i));
                Tensor logits = recording.run().getFirst();
                assertThat(logits.floats())
                        .isEqualTo(inference.logits(images.tensor()).floats());
            }
            assertThat(recording.isGraph()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Throughput.Mode.class)
    void graphsAreMeasuredWhereTheyAreAskedFor(Throughput.Mode mode) {
        Effort effort = new Effort(0, 1e-3, 3);
        long launches = counter("graph-launches");
        assertThat(Throughput.measure(model(), mode, BATCH, false, effort).median())
                .isPositive();
        assertThat(counter("graph-launches")).isEqualTo(launches);
        assertThat(Throughput.measure(model(), mode, BATCH, true, effort).median())
                .isPositive();
        assertThat(counter("graph-launches")).isGreaterThanOrEqualTo(launches + 3);
    }
}
