package io.stamp.bench.peers.pytorch;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.bench.peers.Outputs;
import io.stamp.bench.peers.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A step of training in PyTorch. The optimiser needs no more passes over the parameters than PyTorch's own: DJL offers no addition with a
 * factor, so the learning rate is put into the seed of the backward pass, the velocity is that of the scaled gradients, and both
 * updates are plain operations in place.
 */
final class TorchTraining implements TorchWork.Task {
    private static final long CLASS_AXIS = 1;

    private final PtNDManager manager;
    private final TorchNetwork network;
    private final PtNDArray images;
    private final PtNDArray scaledLabels;
    private final PtNDArray rate;
    private final PtNDArray momentum;
    private final PtNDArray[] velocities;

    TorchTraining(Workload.TrainStep train, TorchLayout layout, PtNDManager manager) {
        this.manager = manager;
        network = new TorchNetwork(train.network(), layout, manager);
        images = layout.noise(manager, train.network().network().input(), train.batch());
        float[] labels = train.labels();
        for (int i = 0; i < labels.length; i++) {
            // The mean cross-entropy is the sum over log-probabilities times these.
            labels[i] /= -train.batch();
        }
        scaledLabels = TorchLayout.create(
                manager, labels, train.batch(), train.network().network().classes());
        rate = TorchLayout.create(manager, new float[] {(float) MeasuredTraining.RATE});
        momentum = TorchLayout.create(manager, new float[] {(float) Workload.TrainStep.MOMENTUM});
        velocities = new PtNDArray[network.parameters().length];
        for (int i = 0; i < velocities.length; i++) {
            PtNDArray parameter = network.parameters()[i];
            velocities[i] = JniUtils.mul(parameter, rate);
            JniUtils.subi(velocities[i], velocities[i]);
        }
    }

    private PtNDArray step() {
        PtNDArray[] leaves = leaves();
        PtNDArray loss = loss(leaves);
        JniUtils.backward(loss, rate, false, false);
        for (int i = 0; i < leaves.length; i++) {
            PtNDArray parameter = network.parameters()[i];
            try (PtNDArray leaf = leaves[i];
                    PtNDArray gradient = JniUtils.getGradient(leaf)) {
                JniUtils.muli(velocities[i], momentum);
                JniUtils.addi(velocities[i], gradient);
                JniUtils.subi(parameter, velocities[i]);
            }
        }
        return loss;
    }

    /** New handles on the parameters without a gradient, which is what PyTorch's optimisers leave behind as well. */
    private PtNDArray[] leaves() {
        PtNDArray[] leaves = new PtNDArray[network.parameters().length];
        for (int i = 0; i < leaves.length; i++) {
            leaves[i] = JniUtils.detachGradient(network.parameters()[i]);
            JniUtils.attachGradient(leaves[i], true);
        }
        return leaves;
    }

    private PtNDArray loss(PtNDArray[] leaves) {
        try (PtNDArray logits = network.train(images, leaves);
                PtNDArray logProbabilities = JniUtils.logSoftmax(logits, CLASS_AXIS, DataType.FLOAT32);
                PtNDArray terms = JniUtils.mul(logProbabilities, scaledLabels)) {
            return JniUtils.sum(terms);
        }
    }

    private float lossOfStep() {
        try (PtNDArray loss = step()) {
            return loss.toFloatArray()[0];
        }
    }

    @Override
    public Outputs outputs() {
        List<float[]> loss = List.of(new float[] {lossOfStep()});
        return new Outputs(Map.of(Workload.TrainStep.LOSS, loss, Workload.TrainStep.GRADIENTS, gradients()));
    }

    /** The velocities after one step are the gradients times the rate; here in our layouts. */
    private List<float[]> gradients() {
        List<float[]> gradients = new ArrayList<>();
        for (PtNDArray velocity : velocities) {
            boolean isConvolution = velocity.getShape().dimension() == 4;
            float[] values = isConvolution ? TorchLayout.channelsLast(velocity) : velocity.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] /= (float) MeasuredTraining.RATE;
            }
            gradients.add(values);
        }
        return gradients;
    }

    @Override
    public void run() {
        lossOfStep();
    }

    @Override
    public PtNDManager manager() {
        return manager;
    }
}
