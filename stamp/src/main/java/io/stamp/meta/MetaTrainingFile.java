package io.stamp.meta;

import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.checkpoint.StoredSettings;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.model.Tensors;
import io.stamp.train.ResumeFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The checkpoint from which an interrupted meta-training continues. */
record MetaTrainingFile(ResumeFile file) {
    /** @param episodes of the whole meta-training */
    Optional<MetaTrainer.State> resume(Parameters like, long episodes) {
        return file.load(checkpoint -> restore(checkpoint, like, episodes));
    }

    private static MetaTrainer.State restore(Checkpoint checkpoint, Parameters like, long episodes) {
        StoredSettings settings = new StoredSettings(checkpoint);
        Parameters moments = new Adam(Adam.Options.DEFAULT, like).state();
        return new MetaTrainer.State(
                Tensors.read(checkpoint, "params/", like),
                new Adam(
                        Adam.Options.DEFAULT,
                        Tensors.read(checkpoint, "optimizer/", moments),
                        settings.count("episode", episodes)),
                settings.seconds("seconds"),
                settings.loss("queryLoss"));
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
