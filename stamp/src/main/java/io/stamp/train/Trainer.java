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
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Optimiser;
import io.stamp.model.Model;
import java.util.Locale;

/** Supervised training of a whole network, resumable after any batch. */
public final class Trainer {
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
        return train(phase, start, Parameters.empty(), resumeFile);
    }

    /**
     * As above where some weights are zero and stay it.
     *
     * @param mask 0 for those, 1 for the others, by parameter; parameters without one are free
     */
    public Trained train(String phase, Model start, Parameters mask, ResumeFile resumeFile) {
        return train(phase, start, (model, optimiser) -> recorded(model, optimiser, mask), resumeFile);
    }

    /** A training's steps, one after the other; closed after the last. */
    public interface Steps extends AutoCloseable {
        /**
         * Moves the weights.
         *
         * @param number of the step, from 0, also where the training was resumed
         * @return the loss before the step
         */
        double run(Batch batch, long number, double rate);

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
            TrainingState state = file.resume(own, batches.batchesPerEpoch() * plan.epochs())
                    .orElseGet(() -> TrainingState.start(own, plan.optimiser()));
            run(phase, state, method, file);
            state.model().parameters().keptBy(scope);
            state.model().state().keptBy(scope);
            return new Trained(state.model(), state.seconds(), state.epochLoss());
        }
    }

    private void run(String phase, TrainingState state, Method method, TrainingFile file) {
        long perEpoch = batches.batchesPerEpoch();
        long total = perEpoch * plan.epochs();
        progress.start(phase, state.step() * plan.batch(), total * plan.batch(), "images");
        int epoch = (int) (state.step() / perEpoch);
        int batch = (int) (state.step() % perEpoch);
        try (BatchLoader loader = new BatchLoader(batches, epoch, batch);
                Steps steps = method.open(state.model(), state.optimiser())) {
            while (state.step() < total) {
                long started = System.nanoTime();
                double loss =
                        steps.run(loader.next(), state.step(), plan.schedule().rate(state.step(), total));
                requireFinite(phase, loss, state.step());
                state.advance(loss, perEpoch, System.nanoTime() - started);
                requireSane(phase, state);
                progress.advance(
                        state.step() * plan.batch(), String.format(Locale.ROOT, "loss %.3f", state.recentLoss()));
                file.saveWhenDue(state);
            }
        } finally {
            progress.finish();
        }
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

    private Steps recorded(Model model, Optimiser optimiser, Parameters mask) {
        RecordedTraining training = new RecordedTraining(model, optimiser, mask, plan.batch(), true);
        return new Steps() {
            @Override
            public double run(Batch batch, long number, double rate) {
                training.set(batch.images(), Batches.rows(batch.labels(), images.classes(), plan.smoothing()));
                return training.step(rate).scalar();
            }

            @Override
            public void close() {
                training.close();
            }
        };
    }
}
