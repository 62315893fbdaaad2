package io.stamp.tests.engine;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.SgdStep;
import io.stamp.engine.random.RandomStream;
import java.util.List;

/** A small training run on random images, as tests of backends need it. */
public final class Training {
    private static final SgdStep STEP = new SgdStep(0.9, 5e-4, true);
    private static final double RATE = 0.05;
    private static final double STATE_RATE = 0.1;

    private final Network network;
    private final Parameters parameters;
    private final Parameters velocities;
    private final Parameters state;
    private final Tensor images;
    private final Tensor oneHot;
    private final Tensor rate;

    /** A network with one layer of each common kind. */
    public static Network smallNetwork() {
        return Network.of("test", 10, InputShape.DEFAULT, Training::logits);
    }

    private static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.maxPool(images, 8);
        x = forward.batchNorm("bn", forward.conv("conv", x, 5, 3, 1), true);
        return forward.linear("head", forward.flatten(x), forward.classes());
    }

    /** Owned by the innermost scope. */
    public Training(Network network, Backend backend, int batch) {
        this.network = network;
        Network.Trace trace = network.trace();
        parameters = Parameters.initialise(backend, trace.parameterSpecs(), 3);
        velocities = parameters.zeros();
        state = Parameters.initialise(backend, trace.stateSpecs(), 3);
        RandomStream random = new RandomStream(4, 0);
        Shape imageShape = InputShape.DEFAULT.batch(batch);
        float[] pixels = new float[imageShape.length()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        images = Tensor.of(backend, imageShape, pixels);
        double[] labels = new double[batch * network.classes()];
        for (int i = 0; i < batch; i++) {
            labels[i * network.classes() + random.nextInt(network.classes())] = 1;
        }
        oneHot = Tensor.of(backend, Shape.of(batch, network.classes()), labels);
        rate = Tensor.of(backend, Shape.of(1), RATE);
    }

    /** One step in place; the loss before it. */
    public double step() {
        try (Scope _ = Scope.open()) {
            Parameters leaves = parameters.leaves();
            Forward forward = Forward.of(network, leaves, state, BatchNormMode.BATCH);
            Tensor loss = Layers.crossEntropy(forward.logits(images), oneHot);
            List<Tensor> gradients = Autograd.gradients(loss, leaves.tensors());
            for (int i = 0; i < gradients.size(); i++) {
                STEP.run(parameters.tensors().get(i), velocities.tensors().get(i), gradients.get(i), rate);
            }
            forward.updateState(STATE_RATE);
            return loss.scalar();
        }
    }

    public Parameters parameters() {
        return parameters;
    }

    public Parameters state() {
        return state;
    }
}
