package io.stamp.bench.compare;

import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.util.Map;
import java.util.TreeMap;

/**
 * The images of an experiment, opened once.
 *
 * @param reference without held-out classes
 * @param targets by name
 */
record ExperimentData(String referenceName, HoldOut holdOut, DataSets reference, Map<String, DataSets> targets) {
    static ExperimentData open(Experiment experiment) {
        InputShape input = experiment.inputShape();
        DataSets all = DataSource.open(experiment.data().get(experiment.reference()), input);
        HoldOut holdOut =
                experiment.holdoutClasses().isEmpty() ? HoldOut.NONE : holdOut(experiment.holdoutClasses(), all);
        Map<String, DataSets> targets = new TreeMap<>();
        for (String target : experiment.targets()) {
            targets.put(
                    target,
                    switch (target) {
                        case Experiment.BLOCK_A -> holdOut.blockA(all);
                        case Experiment.BLOCK_B -> holdOut.blockB(all);
                        default -> DataSource.open(experiment.data().get(target), input);
                    });
        }
        return new ExperimentData(experiment.reference(), holdOut, holdOut.kept(all), targets);
    }

    private static HoldOut holdOut(String text, DataSets all) {
        try {
            return HoldOut.parse(text, all.classNames());
        } catch (StampException e) {
            throw new StampException("'holdout_classes': " + e.getMessage(), e);
        }
    }

    DataSets target(String name) {
        DataSets target = targets.get(name);
        if (target == null) {
            throw new StampException("The target '" + name + "' is not part of this experiment.");
        }
        return target;
    }

    /** What identifies a set's images. */
    static Cell.Images images(String name, DataSets sets) {
        return new Cell.Images(
                name, sets.train().fingerprint() + "/" + sets.test().fingerprint(), sets.augmentation());
    }

    Map<String, String> fingerprints() {
        Map<String, String> fingerprints = new TreeMap<>();
        fingerprints.put(referenceName + " train", reference.train().fingerprint());
        targets.forEach(
                (name, sets) -> fingerprints.put(name + " train", sets.train().fingerprint()));
        return fingerprints;
    }
}
