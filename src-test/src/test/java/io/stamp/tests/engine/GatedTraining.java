package io.stamp.tests.engine;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Input;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.optim.Schedule;
import io.stamp.engine.optim.Sgd;
import io.stamp.engine.random.DrawCounter;
import io.stamp.engine.random.RandomStream;
import io.stamp.meta.BetaBernoulli;
import io.stamp.meta.GateDistribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A training in which everything that may change from step to step does: images, labels, both learning rates, Adam's corrections and the
 * draws of the gates. Weights learn by SGD, the gates' distribution by Adam.
 */
final class GatedTraining {
    private static final int BATCH = 4;
    private static final int CHANNELS = 5;
    private static final int CLASSES = 10;
    private static final int STREAM = 40;
    private static final Schedule SCHEDULE = new Schedule.Cosine(0.05, 0.2);
    private static final Network NETWORK = Network.of("gated", CLASSES, InputShape.DEFAULT, GatedTraining::logits);

    private final long seed;
    private final int steps;
    private final Parameters weights;
    private final Parameters state;
    private final Parameters gates;
    private final Sgd sgd;
    private final Adam adam;
    private final Input images;
    private final Input labels;
    private final DrawCounter draw;

    /** Owned by the innermost scope. */
    GatedTraining(Backend backend, long seed, int steps) {
        this.seed = seed;
        this.steps = steps;
        Network.Trace trace = NETWORK.trace();
        weights = Parameters.initialise(backend, trace.parameterSpecs(), seed);
        state = Parameters.initialise(backend, trace.stateSpecs(), seed);
        List<Double> start = BetaBernoulli.DEFAULT.start(GateDistribution.INITIAL_KEPT);
        Tensor raw = Tensor.of(backend, Shape.of(2, 1), start.get(0), start.get(1));
        gates = new Parameters(Map.of("raw", raw.plus(Tensor.filled(backend, Shape.of(2, CHANNELS), 0))));
        sgd = new Sgd(new Sgd.Options(0.9, 5e-4, true), weights);
        adam = new Adam(Adam.Options.DEFAULT, gates);
        images = Input.of(backend, InputShape.DEFAULT.batch(BATCH));
        labels = Input.of(backend, Shape.of(BATCH, CLASSES));
        draw = new DrawCounter(backend, 0);
    }

    private static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.maxPool(images, 8);
        x = forward.batchNorm("bn", forward.conv("conv", x, CHANNELS, 3, 1), true);
        x = forward.conv("mixed", x, 3, 1, 1);
        return forward.linear("head", forward.flatten(x), forward.classes());
    }

    /** Sets what is new in a step. */
    void prepare(int step) {
        RandomStream random = new RandomStream(seed, STREAM + 1, (long) step << 32);
        float[] pixels = new float[images.tensor().shape().length()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextUniform() - 0.5f;
        }
        double[] oneHot = new double[BATCH * CLASSES];
        for (int i = 0; i < BATCH; i++) {
            oneHot[i * CLASSES + random.nextInt(CLASSES)] = 1;
        }
        images.set(pixels);
        labels.set(oneHot);
        draw.set(step);
        sgd.begin(SCHEDULE.rate(step, steps));
        adam.begin(0.1 * SCHEDULE.rate(step, steps));
    }

    /** The step that was prepared: its loss, and the gates that it drew. */
    List<Tensor> step() {
        Parameters weightLeaves = weights.leaves();
        Parameters gateLeaves = gates.leaves();
        var noise = new GateDistribution.Noise(seed, STREAM, 0, Optional.of(draw));
        Tensor drawn = BetaBernoulli.DEFAULT.sample(gateLeaves.get("raw"), noise);
        Forward forward = Forward.of(
                NETWORK,
                weightLeaves,
                state,
                BatchNormMode.BATCH,
                (layer, x) -> layer.equals("mixed") ? x.times(drawn) : x);
        Tensor loss = loss(forward, gateLeaves.get("raw"));
        List<Tensor> wrt = new ArrayList<>(weightLeaves.tensors());
        wrt.addAll(gateLeaves.tensors());
        List<Tensor> gradients = Autograd.gradients(loss, wrt);
        int split = gradients.size() - 1;
        sgd.apply(weights, weights.withTensors(gradients.subList(0, split)));
        adam.apply(gates, gates.withTensors(gradients.subList(split, split + 1)));
        forward.updateState(0.1);
        return List.of(loss, drawn);
    }

    private Tensor loss(Forward forward, Tensor raw) {
        try (Scope scope = Scope.open()) {
            Tensor loss = Layers.crossEntropy(forward.logits(images.tensor()), labels.tensor())
                    .plus(BetaBernoulli.DEFAULT.divergence(raw).times(1e-3));
            forward.observed().keptBy(scope);
            return scope.keep(loss);
        }
    }

    /** The step without a recording. */
    List<double[]> eagerStep() {
        try (Scope _ = Scope.open()) {
            return values(step());
        }
    }

    static List<double[]> values(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::doubles).toList();
    }

    /** Everything that the training changes. */
    List<double[]> everything() {
        List<Tensor> all = new ArrayList<>();
        for (Parameters part : List.of(weights, state, gates, sgd.state(), adam.state())) {
            all.addAll(part.tensors());
        }
        return values(all);
    }
}
