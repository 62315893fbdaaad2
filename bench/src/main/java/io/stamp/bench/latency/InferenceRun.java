package io.stamp.bench.latency;

import io.stamp.bench.measure.RandomValues;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.model.Model;

/** A whole network in inference on one batch of noise, until its logits are there; as a graph where the backend can do that. */
record InferenceRun(Recording recording) implements AutoCloseable {
    /** Its tensors belong to the innermost scope. */
    static InferenceRun of(Model model, int batch) {
        Input images = Input.of(model.backend(), model.network().input().batch(batch));
        images.set(RandomValues.images(model.network().input(), batch));
        return new InferenceRun(
                model.inference().recorded(images, model.backend().recordsGraphs()));
    }

    void once() {
        recording.run().getFirst().floats();
    }

    @Override
    public void close() {
        recording.close();
    }
}
