package io.stamp.bench.measure;

import io.stamp.engine.FailedException;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.train.RecordedTraining;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Images per second that networks train on, or classify, at a batch size; the data lies in the backend's memory already. */
public final class Throughput {
    private Throughput() {}

    /** What the network does with a batch. */
    public enum Mode {
        /** Forward with batch statistics, backward, and a step of SGD with momentum: the very step of training. */
        TRAIN,
        /** The network made ready for inference, until the logits are there. */
        INFER;

        /** As the user writes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Images per second; the model is not changed.
     *
     * @param graphs whether steps become graphs, where the backend can do that
     */
    public static Rate measure(Model model, Mode mode, int batch, boolean graphs, Effort effort) {
        return compare(List.of(model), mode, batch, graphs, effort).rates().getFirst();
    }

    /** Images per second of several models, measured in turns, and how many times faster than the first one each is. */
    public static Stopwatch.Comparison compare(
            List<Model> models, Mode mode, int batch, boolean graphs, Effort effort) {
        if (batch < 1) {
            throw new StampException("The batch to measure has " + batch + " images; give at least 1.");
        }
        List<Work> works = new ArrayList<>();
        try (Scope _ = Scope.open()) {
            for (Model model : models) {
                works.add(mode == Mode.TRAIN ? training(model, batch, graphs) : inference(model, batch, graphs));
            }
            List<Runnable> runs = works.stream().map(Work::step).toList();
            Stopwatch.Comparison steps = new Stopwatch().compare(runs, effort);
            return new Stopwatch.Comparison(
                    steps.rates().stream().map(rate -> rate.times(batch)).toList(), steps.speedUps());
        } finally {
            works.forEach(Work::close);
        }
    }

    /** What is measured of one model. */
    private record Work(Runnable step, Runnable end) {
        void close() {
            end.run();
        }
    }

    private static Work training(Model model, int batch, boolean graphs) {
        int classes = model.network().classes();
        Model copy = new Model(
                model.network(), model.parameters().copies(), model.state().copies());
        Sgd optimiser = new Sgd(MeasuredTraining.OPTIMISER, copy.parameters());
        RecordedTraining training = new RecordedTraining(copy, optimiser, batch, graphs);
        training.set(RandomValues.images(model.network().input(), batch), MeasuredTraining.labels(batch, classes));
        return new Work(() -> requireFinite(training.step(MeasuredTraining.RATE).scalar(), model), training::close);
    }

    private static void requireFinite(double loss, Model model) {
        if (!Double.isFinite(loss)) {
            throw new FailedException("The loss became " + loss + " while the training of "
                    + model.network().model()
                    + " was measured, so its speed would mean nothing; is the model trained from a damaged file?");
        }
    }

    private static Work inference(Model model, int batch, boolean graphs) {
        Input images = Input.of(model.backend(), model.network().input().batch(batch));
        images.set(RandomValues.images(model.network().input(), batch));
        Recording recording = model.inference().recorded(images, graphs);
        // Reading the logits is what a user waits for, also where the backend computes in the background.
        return new Work(() -> recording.run().getFirst().floats(), recording::close);
    }
}
