package io.stamp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.data.Augmentation;
import io.stamp.data.Batch;
import io.stamp.data.EvaluationBatches;
import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a network learns from a teacher. */
class DistillationTest extends TrainingFixture {
    private static final Distillation USUAL = Distillation.USUAL;

    private Model fresh(int classes, InputShape input, long seed) {
        return Model.init(backend, Network.of("test", classes, input, DistillationTest::logits), seed);
    }

    private Model student() {
        return fresh(CLASSES, InputShape.DEFAULT, 2);
    }

    /** Other weights than the student's. */
    private Model teacher() {
        return fresh(CLASSES, InputShape.DEFAULT, 7);
    }

    private Trainer.Trained train(TrainingPlan plan, Trainer.Data given, Optional<Teacher> teacher, ResumeFile file) {
        return new Trainer(backend, plan, given, ProgressListener.NONE)
                .train("training", student(), Parameters.empty(), teacher, file);
    }

    private static List<float[]> values(Model model) {
        List<float[]> all = new ArrayList<>();
        model.parameters().tensors().forEach(tensor -> all.add(tensor.floats()));
        model.state().tensors().forEach(tensor -> all.add(tensor.floats()));
        return all;
    }

    private static void assertSameBits(Model one, Model other) {
        List<float[]> expected = values(other);
        List<float[]> actual = values(one);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).as("tensor %d", i).isEqualTo(expected.get(i));
        }
    }

    private Tensor rows(double... values) {
        return Tensor.of(backend, Shape.of(values.length / CLASSES, CLASSES), values);
    }

    /** The number is that of the formula in another program. */
    @Test
    void theLossIsThatOfTheFormula() {
        Tensor student = rows(1, 0, -1, 0.5, 2, 0);
        Tensor taught = rows(2, 0, 0, -1, 1, 3);
        Tensor labels = Batches.oneHot(backend, new int[] {0, 2}, CLASSES, 0);

        double loss = new Distillation(0.25, 2).loss(student, labels, taught).scalar();

        assertThat(loss).isCloseTo(1.284296497, within(1e-6));
        assertThat(new Distillation(1, 2).loss(taught, labels, taught).scalar()).isCloseTo(0, within(1e-6));
    }

    /** T / N (softmax(student / T) - softmax(teacher / T)). */
    @Test
    void theGradientIsThatOfTheSoftenedCrossEntropy() {
        double temperature = 3;
        double[] student = {1, 0, -1};
        double[] taught = {2, -0.5, 0.5};
        Tensor leaf = rows(student).leaf();
        Tensor labels = Batches.oneHot(backend, new int[] {1}, CLASSES, 0);
        Tensor loss = new Distillation(1, temperature).loss(leaf, labels, rows(taught));

        double[] gradient = Autograd.gradients(loss, List.of(leaf)).getFirst().doubles();

        double[] p = softmax(taught, temperature);
        double[] q = softmax(student, temperature);
        for (int i = 0; i < CLASSES; i++) {
            assertThat(gradient[i]).isCloseTo(temperature * (q[i] - p[i]), within(1e-6));
        }
    }

    private static double[] softmax(double[] logits, double temperature) {
        double[] result = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            result[i] = Math.exp(logits[i] / temperature);
            sum += result[i];
        }
        for (int i = 0; i < logits.length; i++) {
            result[i] /= sum;
        }
        return result;
    }

    @Test
    void atWeightZeroTheTrainingIsThePlainOne() {
        Trainer.Trained plain = train(PLAN, data, Optional.empty(), ResumeFile.NONE);
        Teacher silent = new Teacher(teacher(), new Distillation(0, 4));

        Trainer.Trained taught = train(PLAN, data, Optional.of(silent), ResumeFile.NONE);

        assertThat(taught.loss()).isEqualTo(plain.loss());
        assertSameBits(taught.model(), plain.model());
    }

    /** One step over all images, so that its loss can be computed beside it; with the batch's own moments it would be another. */
    @Test
    void theTeacherSeesTheSameImagesWithItsRunningMoments() {
        Trainer.Data plain = new Trainer.Data(images, data.normalisation(), Augmentation.NONE);
        TrainingPlan oneStep = TrainingPlan.of(1, images.size(), 0.05, 4);
        Model teacher = teacher();
        List<float[]> before = values(teacher);
        Batch all = new EvaluationBatches(images, data.normalisation(), images.size())
                .iterator()
                .next();
        Tensor pixels = Batches.images(backend, all);
        Tensor labels = Batches.oneHot(backend, all.labels(), CLASSES, 0);
        Tensor student = student().forward(BatchNormMode.BATCH).logits(pixels);

        double loss = train(oneStep, plain, Optional.of(new Teacher(teacher, USUAL)), ResumeFile.NONE)
                .loss();

        assertThat(loss)
                .isCloseTo(USUAL.loss(student, labels, teacher.logits(pixels)).scalar(), within(1e-5));
        Tensor withBatchMoments = teacher.forward(BatchNormMode.BATCH).logits(pixels);
        assertThat(USUAL.loss(student, labels, withBatchMoments).scalar()).isNotCloseTo(loss, within(1e-3));
        List<float[]> after = values(teacher);
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i)).isEqualTo(before.get(i));
        }
    }

    /** It says class 2 whatever it sees, and the labels have no weight. */
    @Test
    void whatTheTeacherSaysIsLearnt() {
        Map<String, Tensor> stubborn = new TreeMap<>(teacher().parameters().asMap());
        stubborn.replace(
                "head.weight",
                Tensor.filled(backend, stubborn.get("head.weight").shape(), 0));
        stubborn.replace("head.bias", Tensor.of(backend, Shape.of(CLASSES), 0, 0, 9));
        Teacher teacher = new Teacher(teacher().withParameters(new Parameters(stubborn)), new Distillation(1, 1));

        Model taught = train(TrainingPlan.of(8, 8, 0.05, 4), data, Optional.of(teacher), ResumeFile.NONE)
                .model();

        Batch all = new EvaluationBatches(images, data.normalisation(), images.size())
                .iterator()
                .next();
        float[] logits = taught.logits(Batches.images(backend, all)).floats();
        for (int i = 0; i < images.size(); i++) {
            assertThat(logits[i * CLASSES + 2]).isGreaterThan(Math.max(logits[i * CLASSES], logits[i * CLASSES + 1]));
        }
    }

    @Test
    void anInterruptedTrainingWithATeacherContinuesToTheSameBits() {
        Optional<Teacher> teacher = Optional.of(new Teacher(teacher(), USUAL));
        Trainer.Trained whole = train(PLAN, data, teacher, ResumeFile.NONE);
        assertThat(values(whole.model()).getFirst())
                .isNotEqualTo(values(train(PLAN, data, Optional.empty(), ResumeFile.NONE)
                                .model())
                        .getFirst());
        ResumeFile file = ResumeFile.at(folder.resolve("training.resume"), "taught", Duration.ZERO);
        Trainer interrupted = new Trainer(backend, PLAN, data, new Interruption(6));
        assertThatThrownBy(() -> interrupted.train("training", student(), Parameters.empty(), teacher, file))
                .hasMessage("interrupted");

        Trainer.Trained continued = train(PLAN, data, teacher, file);

        assertThat(continued.loss()).isEqualTo(whole.loss());
        assertSameBits(continued.model(), whole.model());
    }

    /** Fails after some batches. */
    private static final class Interruption implements ProgressListener {
        private int left;

        Interruption(int batches) {
            left = batches;
        }

        @Override
        public void start(String phase, long done, long total, String unit) {}

        @Override
        public void advance(long done, String note) {
            if (--left == 0) {
                throw new IllegalStateException("interrupted");
            }
        }

        @Override
        public void finish() {}
    }

    @Test
    void theTeacherMayLiveOnAnotherBackend() {
        Trainer.Trained here = train(PLAN, data, Optional.of(new Teacher(teacher(), USUAL)), ResumeFile.NONE);
        try (Backend other = Backends.open("reference", 1);
                Scope _ = Scope.open()) {
            Teacher elsewhere = new Teacher(teacher().on(other), USUAL);

            assertSameBits(
                    train(PLAN, data, Optional.of(elsewhere), ResumeFile.NONE).model(), here.model());
        }
    }

    @Test
    void aTeacherOfOtherClassesOrImagesIsRefused() {
        Teacher other = new Teacher(fresh(4, InputShape.DEFAULT, 1), USUAL);
        assertThatThrownBy(() -> train(PLAN, data, Optional.of(other), ResumeFile.NONE))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("knows 4 classes")
                .hasMessageContaining("has 3");
        Teacher smaller = new Teacher(fresh(CLASSES, new InputShape(16, 16, 3), 1), USUAL);
        assertThatThrownBy(() -> train(PLAN, data, Optional.of(smaller), ResumeFile.NONE))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("16x16x3")
                .hasMessageContaining("32x32x3");
    }

    @Test
    void numbersThatMakeNoSenseAreRefused() {
        for (double weight : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new Distillation(weight, 4))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("weight");
        }
        for (double temperature : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new Distillation(0.5, temperature))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("temperature");
        }
    }

    @Test
    void trainingsWithDifferentTeachersAreToldApart() {
        String identity = new Teacher(teacher(), USUAL).identity();

        assertThat(new Teacher(teacher(), USUAL).identity()).isEqualTo(identity);
        assertThat(List.of(
                        new Teacher(student(), USUAL).identity(),
                        new Teacher(teacher(), new Distillation(0.4, 4)).identity(),
                        new Teacher(teacher(), new Distillation(0.5, 3)).identity()))
                .doesNotContain(identity)
                .doesNotHaveDuplicates();
    }
}
