package io.stamp.train;

import io.stamp.data.Augmentation;
import io.stamp.data.Batch;
import io.stamp.data.BatchLoader;
import io.stamp.data.BatchPlan;
import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.engine.optim.Optimiser;
import io.stamp.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Supervised training of a whole network, resumable after any batch. */
public final class Trainer {
    /** Losses are read, shown and checked at the latest after so many steps or so much time. */
    private static final int UNREAD_STEPS = 16;

    private static final long UNREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Backend backend;
    private final TrainingPlan plan;
    private final BatchPlan batches;
    private final ImageSet images;
    private final ProgressListener progress;

    public Trainer(Backend backend, TrainingPlan plan, Data data, ProgressListener progress) {
        this.backend = backend;
        this.plan = plan;
        this.batches =
                new BatchPlan(data.images, data.normalisation, data.augmentation, plan.batch(), plan.seed(), true);
        this.images = data.images;
        this.progress = progress;
    }

    /** The images to train on, and how they are prepared. */
    public record Data(ImageSet images, Normalisation normalisation, Augmentation augmentation) {}

    /**
     * @param model trained, owned by the caller's scope
     * @param seconds of training, all runs together where it was resumed
     * @param loss mean of the last epoch
     */
    public record Trained(Model model, double seconds, double loss) {}

    /**
     * Trains a copy of the model; the resume file stays until the caller has stored the result.
     *
     * @throws DivergedException where the loss is no finite number any more, or far above its first value; the resume file is removed then
     */
    public Trained train(String phase, Model start, ResumeFile resumeFile) {
        return train(phase, start, Parameters.empty(), Optional.empty(), resumeFile);
    }

    /**
     * As above where some weights may be zero and stay it, or a teacher helps.
     *
     * @param mask 0 for those, 1 for the others, by parameter; parameters without one are free
     * @param teacher whose {@link Teacher#identity} belongs to that of the resume file
     */
    public Trained train(String phase, Model start, Parameters mask, Optional<Teacher> teacher, ResumeFile resumeFile) {
        teacher.ifPresent(there -> there.requireFits(start.network()));
        return train(
                phase, start, (model, optimiser) -> new RecordedSteps(model, optimiser, mask, teacher), resumeFile);
    }

    /** A training's steps, one after the other; closed after the last. */
    public interface Steps extends AutoCloseable {
        /**
         * Moves the weights.
         *
         * @param number of the step, from 0, also where the training was resumed
         * @return the loss before the step, a scalar that the next step may overwrite
         */
        Tensor run(Batch batch, long number, double rate);

        @Override
        void close();
    }

    /** Begins the steps of a training that changes a model in place. */
    public interface Method {
        Steps open(Model model, Optimiser optimiser);
    }

    /** As above with steps of another kind. */
    public Trained train(String phase, Model start, Method method, ResumeFile resumeFile) {
        start.network().requireInput(images.name(), images.shape());
        if (start.network().classes() != images.classes()) {
            throw new StampException("The network has " + start.network().classes() + " outputs, but the images have "
                    + images.classes() + " classes; give it a new head.");
        }
        return resumeFile.unlessDiverged(
                () -> resume(phase, start, method, new TrainingFile(resumeFile, plan.optimiser())));
    }

    private Trained resume(String phase, Model start, Method method, TrainingFile file) {
        try (Scope scope = Scope.open()) {
            Model own = start.on(backend);
            TrainingState state = file.resume(own, steps()).orElseGet(() -> TrainingState.start(own, plan.optimiser()));
            run(phase, state, method, file);
            state.model().parameters().keptBy(scope);
            state.model().state().keptBy(scope);
            return new Trained(state.model(), state.seconds(), state.epochLoss());
        }
    }

    private void run(String phase, TrainingState state, Method method, TrainingFile file) {
        long perEpoch = batches.batchesPerEpoch();
        long total = steps();
        progress.start(phase, state.step() * plan.batch(), total * plan.batch(), "images");
        int epoch = (int) (state.step() / perEpoch);
        int batch = (int) (state.step() % perEpoch);
        try (BatchLoader loader = new BatchLoader(batches, epoch, batch);
                Steps steps = method.open(state.model(), state.optimiser())) {
            while (state.step() < total) {
                long started = System.nanoTime();
                BooleanSupplier enough = () -> System.nanoTime() - started > UNREAD_NANOS || file.isDue();
                for (double loss : losses(steps, loader, state.step(), enough)) {
                    requireFinite(phase, loss, state.step());
                    state.advance(loss, perEpoch);
                    requireSane(phase, state);
                }
                state.took(System.nanoTime() - started);
                progress.advance(
                        state.step() * plan.batch(), String.format(Locale.ROOT, "loss %.3f", state.recentLoss()));
                file.saveWhenDue(state);
            }
        } finally {
            progress.finish();
        }
    }

    /** Of the steps from {@code first} on until it is enough. Reading them waits for everything that the device has still to do. */
    private double[] losses(Steps steps, BatchLoader loader, long first, BooleanSupplier enough) {
        long end = Math.min(first + UNREAD_STEPS, steps());
        try (Scope _ = Scope.open()) {
            List<Tensor> losses = new ArrayList<>();
            long step = first;
            do {
                Tensor loss = steps.run(loader.next(), step, plan.schedule().rate(step, steps()));
                losses.add(loss.times(1).reshape(1));
                step++;
            } while (step < end && !enough.getAsBoolean());
            return Concat.of(0, losses).doubles();
        }
    }

    private long steps() {
        return (long) batches.batchesPerEpoch() * plan.epochs();
    }

    private static void requireFinite(String phase, double loss, long step) {
        if (!Double.isFinite(loss)) {
            throw new DivergedException(
                    "The loss became " + loss + " in step " + step + " of " + phase + "; use a lower learning rate.");
        }
    }

    private static void requireSane(String phase, TrainingState state) {
        if (state.hasExploded()) {
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "The loss has grown from %.3g to %.3g by step %d of %s; use a lower learning rate.",
                    state.firstLoss(),
                    state.recentLoss(),
                    state.step(),
                    phase));
        }
    }

    /** Steps that the backend may record. */
    private final class RecordedSteps implements Steps {
        private final RecordedTraining training;

        RecordedSteps(Model model, Optimiser optimiser, Parameters mask, Optional<Teacher> teacher) {
            training = new RecordedTraining(model, optimiser, mask, teacher, plan.batch(), true);
        }

        @Override
        public Tensor run(Batch batch, long number, double rate) {
            training.set(batch.images(), Batches.rows(batch.labels(), images.classes(), plan.smoothing()));
            return training.step(rate);
        }

        @Override
        public void close() {
            training.close();
        }
    }
}
