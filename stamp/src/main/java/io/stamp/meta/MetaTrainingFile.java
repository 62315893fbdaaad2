package io.stamp.meta;

import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.model.Tensors;
import io.stamp.train.ResumeFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The checkpoint from which an interrupted meta-training continues. */
record MetaTrainingFile(ResumeFile file) {
    Optional<MetaTrainer.State> resume(Parameters like) {
        return file.load()
                .map(checkpoint -> new MetaTrainer.State(
                        Tensors.read(checkpoint, "params/", like),
                        new Adam(
                                Adam.Options.DEFAULT,
                                Tensors.read(checkpoint, "optimizer/", new Adam(Adam.Options.DEFAULT, like).state()),
                                checkpoint.field("episode").asLong()),
                        checkpoint.field("seconds").asDouble(),
                        checkpoint.field("queryLoss").asDouble()));
    }

    void saveWhenDue(MetaTrainer.State state) {
        file.saveWhenDue(metadata -> {
            metadata.put("episode", state.episode());
            metadata.put("seconds", state.seconds());
            metadata.put("queryLoss", state.queryLoss());
            List<NamedArray> arrays = new ArrayList<>(Tensors.arrays("params/", state.generator()));
            arrays.addAll(Tensors.arrays("optimizer/", state.optimiser().state()));
            return arrays;
        });
    }
}
