package io.stamp.bench.demo;

import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.Rate;
import io.stamp.bench.measure.Stopwatch;
import io.stamp.bench.measure.Throughput;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.train.Batches;
import io.stamp.train.TrainingStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The last stage: how fast the networks are, measured in turns, so that whatever else the machine does hits all alike. */
record Measurement(DemoContext context) {
    private static final int SAMPLES = 10;
    /** Longest warm-up of each network, as a multiple of the time that is measured. */
    static final double WARM_UP = 1.5;

    private static final double TRAINING_RATE = 1e-3;

    /** Speeds by variant, and the full network's; images per second. */
    record Result(Speed full, Map<String, Speed> variants) {}

    /**
     * One network's speed at the measured batch size.
     *
     * @param train images/s of training steps
     * @param infer images/s in inference
     * @param trainSpeedUp over the full network in the same turn
     * @param inferSpeedUp over the full network in the same turn
     * @param peakTrainingBytes the most that tensors occupy in a training step: parameters, momentum, activations, gradients
     */
    record Speed(Rate train, Rate infer, Rate trainSpeedUp, Rate inferSpeedUp, long peakTrainingBytes) {}

    Result run(Model backbone) {
        return context.stage("measurement", Result.class, _ -> measure(backbone));
    }

    private Result measure(Model backbone) {
        DemoSettings settings = context.settings();
        context.say(
                "Images per second of the full network and of each variant, in turns, %d images a step.",
                settings.measureBatch());
        try (Scope _ = Scope.open()) {
            List<Model> models = new ArrayList<>();
            models.add(backbone.withNewHead(context.target().classes(), settings.seed()));
            List<Variant> pruned =
                    settings.variants().stream().filter(Variant::isPruned).toList();
            pruned.forEach(variant ->
                    models.add(ModelFile.load(context.folder().checkpoint(variant.checkpoint()), context.backend())
                            .model()));
            List<Speed> speeds = measure(models);
            Map<String, Speed> byVariant = new LinkedHashMap<>();
            settings.variants()
                    .forEach(variant -> byVariant.put(variant.toString(), speeds.get(1 + pruned.indexOf(variant))));
            return new Result(speeds.getFirst(), byVariant);
        }
    }

    private List<Speed> measure(List<Model> models) {
        int batch = context.settings().measureBatch();
        double seconds = context.settings().measureSeconds();
        Effort effort = new Effort(WARM_UP * seconds, seconds, SAMPLES);
        Stopwatch.Comparison train = Throughput.compare(models, Throughput.Mode.TRAIN, batch, true, effort);
        Stopwatch.Comparison infer = Throughput.compare(models, Throughput.Mode.INFER, batch, true, effort);
        List<Speed> speeds = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            speeds.add(new Speed(
                    train.rates().get(i),
                    infer.rates().get(i),
                    train.speedUps().get(i),
                    infer.speedUps().get(i),
                    peakTrainingBytes(models.get(i), batch)));
        }
        return speeds;
    }

    /** Of two steps on a backend of its own, so that nothing else is counted. */
    private static long peakTrainingBytes(Model model, int batch) {
        try (Backend alone = Backends.open(model.backend().name(), 1);
                Scope _ = Scope.open()) {
            Model copy = model.on(alone);
            Sgd optimiser = new Sgd(new Sgd.Options(0.9, 0, true), copy.parameters());
            Tensor images = Tensor.filled(alone, model.network().input().batch(batch), 0);
            Tensor labels =
                    Batches.oneHot(alone, new int[batch], model.network().classes(), 0);
            for (int step = 0; step < 2; step++) {
                TrainingStep.run(copy, optimiser, images, labels, TRAINING_RATE);
            }
            return alone.memory().peakBytes();
        }
    }
}
