package io.stamp.bench.peers.pytorch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.peers.Outputs;
import io.stamp.bench.peers.Workload;
import io.stamp.engine.ConvGeometry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One convolution in PyTorch, with or without its gradients. */
final class TorchConvolution implements TorchWork.Task {
    private final Workload.Convolution workload;
    private final PtNDManager manager;
    private final TorchNetwork.Convolution convolution;
    private final PtNDArray input;
    private final PtNDArray weights;
    private final PtNDArray gradient;

    TorchConvolution(Workload.Convolution workload, TorchLayout layout, PtNDManager manager) {
        this.workload = workload;
        this.manager = manager;
        ConvGeometry g = workload.geometry();
        convolution = new TorchNetwork.Convolution(g);
        input = layout.images(manager, workload.input(), g.batch(), g.height(), g.width(), g.inChannels());
        weights = layout.images(
                manager, workload.weights(), g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels());
        gradient = layout.images(
                manager, workload.outputGradient(), g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
    }

    /** What the convolution and its gradients are; the latter null where they are not asked for. */
    private record Outcome(PtNDArray result, PtNDArray inputGradient, PtNDArray weightGradient)
            implements AutoCloseable {
        @Override
        public void close() {
            result.close();
            if (inputGradient != null) {
                inputGradient.close();
                weightGradient.close();
            }
        }
    }

    private Outcome compute() {
        if (!workload.gradients()) {
            return new Outcome(convolution.apply(input, weights, null), null, null);
        }
        try (PtNDArray x = leaf(input);
                PtNDArray w = leaf(weights)) {
            PtNDArray y = convolution.apply(x, w, null);
            JniUtils.backward(y, gradient, false, false);
            return new Outcome(y, JniUtils.getGradient(x), JniUtils.getGradient(w));
        }
    }

    private static PtNDArray leaf(PtNDArray tensor) {
        PtNDArray leaf = JniUtils.detachGradient(tensor);
        JniUtils.attachGradient(leaf, true);
        return leaf;
    }

    @Override
    public Outputs outputs() {
        try (Outcome outcome = compute()) {
            Map<String, List<float[]>> outputs = new HashMap<>();
            outputs.put(Workload.RESULT, List.of(TorchLayout.channelsLast(outcome.result)));
            if (workload.gradients()) {
                outputs.put(
                        Workload.Convolution.INPUT_GRADIENT, List.of(TorchLayout.channelsLast(outcome.inputGradient)));
                outputs.put(
                        Workload.Convolution.WEIGHT_GRADIENT,
                        List.of(TorchLayout.channelsLast(outcome.weightGradient)));
            }
            return new Outputs(outputs);
        }
    }

    @Override
    public void run() {
        compute().close();
    }

    @Override
    public PtNDManager manager() {
        return manager;
    }
}
