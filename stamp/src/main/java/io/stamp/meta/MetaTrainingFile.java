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
    private static final String WARMUP = "optimizer/warmup/";
    private static final String ADAPTING = "optimizer/adapting/";

    Optional<MetaTrainer.State> resume(Parameters like, MetaConfig.Outer outer) {
        return file.load(checkpoint -> restore(checkpoint, like, outer));
    }

    private static MetaTrainer.State restore(Checkpoint checkpoint, Parameters like, MetaConfig.Outer outer) {
        StoredSettings settings = new StoredSettings(checkpoint);
        long episode = settings.count("episode", outer.episodes());
        long warmup = Math.min(episode, outer.warmup());
        return new MetaTrainer.State(
                Tensors.read(checkpoint, "params/", like),
                optimiser(checkpoint, WARMUP, like, warmup),
                optimiser(checkpoint, ADAPTING, like, episode - warmup),
                settings.seconds("seconds"),
                settings.loss("queryLoss"));
    }

    private static Adam optimiser(Checkpoint checkpoint, String prefix, Parameters like, long steps) {
        Parameters moments = new Adam(Adam.Options.DEFAULT, like).state();
        return new Adam(Adam.Options.DEFAULT, Tensors.read(checkpoint, prefix, moments), steps);
    }

    void saveWhenDue(MetaTrainer.State state) {
        file.saveWhenDue(metadata -> {
            metadata.put("episode", state.episode());
            metadata.put("seconds", state.seconds());
            metadata.put("queryLoss", state.queryLoss());
            List<NamedArray> arrays = new ArrayList<>(Tensors.arrays("params/", state.generator()));
            arrays.addAll(Tensors.arrays(WARMUP, state.warmup().state()));
            arrays.addAll(Tensors.arrays(ADAPTING, state.adapting().state()));
            return arrays;
        });
    }
}
