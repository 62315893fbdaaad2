package io.stamp.bench.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.SaveInterval;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.checkpoint.StoredSettings;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.train.Evaluator;
import io.stamp.train.ResumeFile;
import io.stamp.train.Teacher;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network trained on a data set, tested, and stored; continued where an earlier run of the same job was interrupted.
 *
 * @param start what everything begins with, besides the network's values: enters the name under which the job is resumed
 * @param teacher that the network learns from beside the labels
 * @param out where the trained network goes
 */
public record TrainingJob(
        Backend backend,
        DataSets data,
        TrainingPlan plan,
        String start,
        Optional<Teacher> teacher,
        Path out,
        Duration saveEvery) {
    /** Detail of the stored network: share of the test images it gets right. */
    static final String TEST_ACCURACY = "testAccuracy";

    private static final Logger LOG = LoggerFactory.getLogger(TrainingJob.class);

    /** The settings that decide the result, for the provenance. */
    public Map<String, Object> configuration() {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("start", start);
        configuration.put("data", data.source());
        configuration.put("input", data.input().toString());
        configuration.put("epochs", plan.epochs());
        configuration.put("batch", plan.batch());
        configuration.put("rate", plan.rate());
        configuration.put("warmup", plan.warmup());
        configuration.put("momentum", plan.momentum());
        configuration.put("decay", plan.decay());
        configuration.put("smoothing", plan.smoothing());
        teacher.ifPresent(there -> configuration.put("teacher", there.identity()));
        return configuration;
    }

    /** Hashes of the images, by split. */
    public Map<String, String> fingerprints() {
        Map<String, String> fingerprints = new LinkedHashMap<>();
        fingerprints.put(data.source() + " train", data.train().fingerprint());
        fingerprints.put(data.source() + " test", data.test().fingerprint());
        return fingerprints;
    }

    /**
     * Runs the job to its end.
     *
     * @param details of the network to be stored; the data and the test accuracy are added
     */
    public TrainingReport run(Model model, Checkpoint.Kind kind, Provenance provenance, ObjectNode details) {
        Evaluator.requireImages(data.test());
        ResumeFile resume = resumeFile();
        Trainer.Data images = new Trainer.Data(data.train(), data.normalisation(), data.augmentation());
        String phase = "training " + model.network().model() + " on " + data.source();
        Trainer.Trained trained = new Trainer(backend, plan, images, Progress.onStandardError())
                .train(phase, model, Parameters.empty(), teacher, resume);
        double accuracy = resume.unlessDiverged(
                () -> Evaluator.accuracy(backend, trained.model(), data.test(), data.normalisation()));
        details.set(ModelFile.DATA, DataDescription.of(data).toJson());
        details.put(TEST_ACCURACY, accuracy);
        ModelFile.save(out, trained.model(), kind, provenance, details);
        resume.finish();
        return TrainingReport.of(this, trained, accuracy, provenance);
    }

    private ResumeFile resumeFile() {
        String identity = start + "; data " + data.train().fingerprint() + "; " + plan
                + teacher.map(there -> "; " + there.identity()).orElse("") + "; backend " + backend.name();
        Path path = SaveInterval.resumeFile(out);
        ResumeFile file = ResumeFile.at(path, identity, saveEvery);
        file.load(state -> new StoredSettings(state).count("step", Long.MAX_VALUE))
                .ifPresent(step -> LOG.info("continuing from {}, step {}", path, step));
        return file;
    }
}
