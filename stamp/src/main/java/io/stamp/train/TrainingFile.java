package io.stamp.train;

import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.model.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A training's state in a {@link ResumeFile}. */
record TrainingFile(ResumeFile file, Sgd.Options options) {
    Optional<TrainingState> resume(Model start) {
        return file.load().map(checkpoint -> restore(checkpoint, start));
    }

    private TrainingState restore(Checkpoint checkpoint, Model start) {
        Model model = new Model(
                start.network(),
                Tensors.read(checkpoint, "params/", start.parameters()),
                Tensors.read(checkpoint, "state/", start.state()));
        Sgd optimiser = new Sgd(
                options,
                Tensors.read(checkpoint, "optimizer/", start.parameters()),
                checkpoint.field("step").asLong());
        return TrainingState.restored(
                model,
                optimiser,
                checkpoint.field("seconds").asDouble(),
                checkpoint.field("epochLossSum").asDouble(),
                checkpoint.field("epochLoss").asDouble(),
                checkpoint.field("recentLoss").asDouble());
    }

    void saveWhenDue(TrainingState state) {
        file.saveWhenDue(metadata -> {
            metadata.put("step", state.step());
            metadata.put("seconds", state.seconds());
            metadata.put("epochLossSum", state.epochLossSum());
            metadata.put("epochLoss", state.epochLoss());
            metadata.put("recentLoss", state.recentLoss());
            List<NamedArray> arrays =
                    new ArrayList<>(Tensors.arrays("params/", state.model().parameters()));
            arrays.addAll(Tensors.arrays("state/", state.model().state()));
            arrays.addAll(Tensors.arrays("optimizer/", state.optimiser().state()));
            return arrays;
        });
    }
}
