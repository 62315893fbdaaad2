package io.stamp.train;

import io.stamp.engine.Backend;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Optimiser;
import io.stamp.model.Model;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@link TrainingStep} on batches of one size, again and again: where the backend records graphs, a step is one launch from the third on.
 * The model and the optimiser change in place.
 */
public final class RecordedTraining implements AutoCloseable {
    private final Optimiser optimiser;
    private final Input images;
    private final Input labels;
    private final Recording recording;

    /**
     * Prepares the training; the current scope owns the batch and a copy of the teacher.
     *
     * @param batch images in a batch
     * @param graphs whether steps become graphs, where the backend can do that
     */
    public RecordedTraining(Model model, Optimiser optimiser, int batch, boolean graphs) {
        this(model, optimiser, Parameters.empty(), Optional.empty(), batch, graphs);
    }

    /**
     * As above where some weights may be zero and stay it, or a teacher helps.
     *
     * @param mask 0 for those, 1 for the others, by parameter; parameters without one are free
     */
    public RecordedTraining(
            Model model, Optimiser optimiser, Parameters mask, Optional<Teacher> teacher, int batch, boolean graphs) {
        Backend backend = model.backend();
        this.optimiser = optimiser;
        this.images = Input.of(backend, model.network().input().batch(batch));
        this.labels = Input.of(backend, Shape.of(batch, model.network().classes()));
        Objective objective = teacher.map(there -> there.objective(backend)).orElse(Objective.LABELS);
        Supplier<List<Tensor>> step =
                () -> List.of(TrainingStep.apply(model, optimiser, mask, objective, images.tensor(), labels.tensor()));
        this.recording = graphs ? Recording.of(backend, step) : Recording.withoutGraph(backend, step);
    }

    /**
     * Sets the batch of the steps to come; the arrays may be changed afterwards.
     *
     * @param pixels {@code [N,H,W,C]}
     * @param rows one an image, {@code [N,classes]}, see {@link Batches#rows}
     */
    public void set(float[] pixels, float[] rows) {
        images.set(pixels);
        labels.set(rows);
    }

    /** One step on the batch; the loss before it, a scalar that the next step overwrites. */
    public Tensor step(double rate) {
        optimiser.begin(rate);
        return recording.run().getFirst();
    }

    /** Whether steps are launches of a graph by now. */
    public boolean isGraph() {
        return recording.isGraph();
    }

    /** Frees what the recording needs; the batch stays its scope's. */
    @Override
    public void close() {
        recording.close();
    }
}
