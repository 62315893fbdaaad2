package io.stamp.train;

import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.checkpoint.StoredSettings;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.model.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A training's state in a {@link ResumeFile}. */
record TrainingFile(ResumeFile file, Sgd.Options options) {
    /** @param steps of the whole training */
    Optional<TrainingState> resume(Model start, long steps) {
        return file.load(checkpoint -> restore(checkpoint, start, steps));
    }

    private TrainingState restore(Checkpoint checkpoint, Model start, long steps) {
        StoredSettings settings = new StoredSettings(checkpoint);
        Model model = new Model(
                start.network(),
                Tensors.read(checkpoint, "params/", start.parameters()),
                Tensors.read(checkpoint, "state/", start.state()));
        Sgd optimiser = new Sgd(
                options, Tensors.read(checkpoint, "optimizer/", start.parameters()), settings.count("step", steps));
        return TrainingState.restored(
                model,
                optimiser,
                settings.seconds("seconds"),
                settings.loss("epochLossSum"),
                settings.loss("epochLoss"),
                settings.loss("recentLoss"),
                settings.loss("firstLoss"));
    }

    boolean isDue() {
        return file.isDue();
    }

    void saveWhenDue(TrainingState state) {
        file.saveWhenDue(metadata -> {
            metadata.put("step", state.step());
            metadata.put("seconds", state.seconds());
            metadata.put("epochLossSum", state.epochLossSum());
            metadata.put("epochLoss", state.epochLoss());
            metadata.put("recentLoss", state.recentLoss());
            metadata.put("firstLoss", state.firstLoss());
            List<NamedArray> arrays =
                    new ArrayList<>(Tensors.arrays("params/", state.model().parameters()));
            arrays.addAll(Tensors.arrays("state/", state.model().state()));
            arrays.addAll(Tensors.arrays("optimizer/", state.optimiser().state()));
            return arrays;
        });
    }
}
