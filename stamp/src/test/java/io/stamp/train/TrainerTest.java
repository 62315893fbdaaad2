package io.stamp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.data.Batch;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Input;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Sigmoid;
import io.stamp.model.Model;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class TrainerTest extends TrainingFixture {
    private Model fresh() {
        return Model.init(backend, Network.of("test", CLASSES, InputShape.DEFAULT, TrainerTest::logits), 2);
    }

    private Trainer.Trained train(TrainingPlan plan, ProgressListener progress, ResumeFile file) {
        return new Trainer(backend, plan, data, progress).train("training", fresh(), file);
    }

    private ResumeFile file(String identity) {
        return ResumeFile.at(folder.resolve("training.safetensors"), identity, Duration.ZERO);
    }

    private static List<float[]> values(Model model) {
        List<float[]> all = new ArrayList<>();
        model.parameters().tensors().forEach(tensor -> all.add(tensor.floats()));
        model.state().tensors().forEach(tensor -> all.add(tensor.floats()));
        return all;
    }

    /** Ends the work with an exception after {@code last} images. */
    private record Stop(long last, long[] begun) implements ProgressListener {
        static final class Stopped extends RuntimeException {
            private static final long serialVersionUID = 1;
        }

        @Override
        public void start(String phase, long done, long total, String unit) {
            begun[0] = done;
        }

        @Override
        public void advance(long done, String note) {
            if (done >= last) {
                throw new Stopped();
            }
        }

        @Override
        public void finish() {}
    }

    /** Stopped in the middle of the second and of the third epoch of four batches. */
    @Test
    void anInterruptedTrainingContinuesToTheSameBits() {
        Trainer.Trained whole = train(PLAN, ProgressListener.NONE, ResumeFile.NONE);
        for (long stop : new long[] {8 * 6, 8 * 11}) {
            assertThatThrownBy(() -> train(PLAN, new Stop(stop, new long[1]), file("a")))
                    .isInstanceOf(Stop.Stopped.class);
        }
        long[] begun = new long[1];
        Trainer.Trained continued = train(PLAN, new Stop(Long.MAX_VALUE, begun), file("a"));
        assertThat(begun[0]).isEqualTo(8 * 10);
        assertThat(continued.loss()).isEqualTo(whole.loss());
        List<float[]> expected = values(whole.model());
        List<float[]> actual = values(continued.model());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).as("tensor %d", i).isEqualTo(expected.get(i));
        }
    }

    @Test
    void aFileOfOtherSystemPropertiesIsRefused() {
        train(PLAN, ProgressListener.NONE, file("a"));
        System.setProperty("stamp.winograd", "on");
        try {
            ResumeFile other = file("a");
            assertThatThrownBy(() -> train(PLAN, ProgressListener.NONE, other))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("other settings")
                    .hasMessageContaining("Now: a; -Dstamp.winograd=on.");
        } finally {
            System.clearProperty("stamp.winograd");
        }
    }

    @Test
    void aFileOfOtherSettingsIsRefused() {
        train(PLAN, ProgressListener.NONE, file("rate 0.05"));
        assertThatThrownBy(() -> train(PLAN, ProgressListener.NONE, file("rate 0.1")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("training.safetensors")
                .hasMessageContaining("other settings");
    }

    @Test
    void aFinishedPhaseLeavesNoFile() {
        ResumeFile file = file("a");
        train(PLAN, ProgressListener.NONE, file);
        assertThat(folder.resolve("training.safetensors")).exists();
        file.finish();
        assertThat(folder).isEmptyDirectory();
    }

    /** The model may live on another backend than the one that trains; a continued run has to end up on the same. */
    @Test
    void aContinuedTrainingRunsOnTheTrainersBackend() {
        assertThatThrownBy(() -> train(PLAN, new Stop(8 * 6, new long[1]), file("a")))
                .isInstanceOf(Stop.Stopped.class);
        try (Backend other = Backends.open("reference", 1);
                Scope _ = Scope.open()) {
            Model elsewhere = fresh().on(other);
            Trainer.Trained continued =
                    new Trainer(backend, PLAN, data, ProgressListener.NONE).train("training", elsewhere, file("a"));
            assertThat(continued.model().backend()).isSameAs(backend);
        }
    }

    @Test
    void anInfiniteLossNamesThePhaseAndTheRemedy() {
        TrainingPlan wild = TrainingPlan.of(3, 8, 1e30, 4);
        assertThatThrownBy(() -> train(wild, ProgressListener.NONE, ResumeFile.NONE))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("The loss became")
                .hasMessageContaining("of training")
                .hasMessageContaining("lower learning rate");
    }

    @Test
    void aLossThatExplodesButStaysFiniteEndsTrainingToo() {
        for (double rate : new double[] {1e3, 1e5}) {
            TrainingPlan wild = TrainingPlan.of(30, 8, rate, 4);
            assertThatThrownBy(() -> train(wild, ProgressListener.NONE, ResumeFile.NONE))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("The loss has grown from")
                    .hasMessageContaining("of training")
                    .hasMessageContaining("lower learning rate");
        }
    }

    /** Continuing from the state would lead to the same end; anything else that ends a training may be mended. */
    @Test
    void onlyATrainingThatDivergesRemovesItsFile() {
        Path stored = folder.resolve("training.safetensors");
        assertThatThrownBy(() -> train(PLAN, new Stop(8 * 6, new long[1]), file("a")))
                .isInstanceOf(Stop.Stopped.class);
        assertThat(stored).exists();

        TrainingPlan wild = TrainingPlan.of(3, 8, 1e30, 4);
        assertThatThrownBy(() -> train(wild, ProgressListener.NONE, file("a"))).isInstanceOf(DivergedException.class);
        assertThat(stored).doesNotExist();
    }

    /** Steps that move nothing and put their losses one after the other in the same place. */
    private Trainer.Method losing(DoubleUnaryOperator lossOfStep) {
        return (_, _) -> {
            Input place = Input.of(backend, Shape.of());
            return new Trainer.Steps() {
                @Override
                public Tensor run(Batch batch, long number, double rate) {
                    place.set(lossOfStep.applyAsDouble(number));
                    return place.tensor();
                }

                @Override
                public void close() {}
            };
        };
    }

    private Trainer.Trained train(Trainer.Method method, ProgressListener progress, ResumeFile file) {
        return new Trainer(backend, PLAN, data, progress).train("training", fresh(), method, file);
    }

    /** Of the last epoch's steps 8 to 11. Where the state is saved after each step, every loss is read at once. */
    @Test
    void theMeanLossIsThatOfAllStepsWhenTheyAreReadLater() {
        Trainer.Method method = losing(number -> number * number);
        List<String> notes = new ArrayList<>();
        ProgressListener listener = new ProgressListener() {
            @Override
            public void start(String phase, long done, long total, String unit) {}

            @Override
            public void advance(long done, String note) {
                notes.add(done + " " + note);
            }

            @Override
            public void finish() {}
        };

        assertThat(train(method, listener, ResumeFile.NONE).loss()).isEqualTo((64 + 81 + 100 + 121) / 4.0);
        int together = notes.size();
        String last = notes.getLast();
        notes.clear();
        assertThat(train(method, listener, file("a")).loss()).isEqualTo((64 + 81 + 100 + 121) / 4.0);

        assertThat(notes).hasSize(12).endsWith(last);
        assertThat(together).isLessThan(12);
    }

    @Test
    void aStepThatDivergedIsNamedThoughOthersFollowedBeforeItWasRead() {
        for (int wrong : new int[] {3, 11}) {
            Path stored = folder.resolve("training.safetensors");
            ResumeFile seldom = ResumeFile.at(stored, "a", Duration.ofHours(1));
            assertThatThrownBy(() ->
                            train(losing(number -> number == wrong ? Double.NaN : 1), ProgressListener.NONE, seldom))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("in step " + wrong + " of training");
            assertThatThrownBy(() -> train(losing(number -> number == wrong ? 1e9 : 1), ProgressListener.NONE, seldom))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("by step " + (wrong + 1) + " of training");
            assertThat(stored).doesNotExist();
        }
    }

    @Test
    void aHeadForOtherClassesIsRefused() {
        Model other = Model.init(backend, Network.of("test", 4, InputShape.DEFAULT, TrainerTest::logits), 2);
        Trainer trainer = new Trainer(backend, PLAN, data, ProgressListener.NONE);
        assertThatThrownBy(() -> trainer.train("training", other, ResumeFile.NONE))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("4 outputs")
                .hasMessageContaining("3 classes");
    }

    @Test
    void aNetworkThatAnswersNothingHasNoAccuracy() {
        assertThatThrownBy(() -> Evaluator.accuracy(
                        backend,
                        batch -> Tensor.filled(backend, Shape.of(batch.shape().dim(0), CLASSES), Double.NaN),
                        images,
                        data.normalisation()))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("not a number");
    }

    @Test
    void aNetworkWithOpsOfItsOwnHasAnAccuracy() {
        Network network = Network.of(
                "own",
                CLASSES,
                InputShape.DEFAULT,
                (forward, batch) -> forward.linear(
                        "head", forward.globalAveragePool(Sigmoid.of(forward.conv("conv", batch, 4, 3, 1))), CLASSES));
        Model model = Model.init(backend, network, 2);

        assertThat(Evaluator.accuracy(backend, model, images, data.normalisation()))
                .isEqualTo(Evaluator.accuracy(backend, model::logits, images, data.normalisation()));
    }

    /** Images left over when the set is cut into batches would weigh as much as a whole batch. */
    @Test
    void recalibrationUsesWholeBatchesOnly() {
        Model model = fresh();
        Normalisation normalisation = data.normalisation();
        Evaluator.recalibrate(backend, model, images, normalisation, 35, 10, 3);
        float[] oneBatch = model.state().get("conv.norm.moments").floats();
        Evaluator.recalibrate(backend, model, images, normalisation, 36, 10, 3);
        float[] allImages = model.state().get("conv.norm.moments").floats();
        double difference = 0;
        double size = 0;
        for (int i = 0; i < allImages.length; i++) {
            difference += Math.abs(oneBatch[i] - allImages[i]);
            size += Math.abs(allImages[i]);
        }
        assertThat(difference).isLessThan(0.1 * size);
    }
}
