package io.stamp.bench.peers.pytorch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.stamp.bench.peers.Outputs;
import io.stamp.bench.peers.Workload;

/** Logits in PyTorch, without recording. */
final class TorchInference implements TorchWork.Task {
    private final PtNDManager manager;
    private final TorchNetwork network;
    private final PtNDArray images;

    TorchInference(Workload.Inference inference, TorchLayout layout, boolean folded, PtNDManager manager) {
        this.manager = manager;
        Folding folding = folded ? new Folding(inference.network()) : null;
        network = new TorchNetwork(inference.network(), layout, manager, folding);
        images = layout.noise(manager, inference.network().network().input(), inference.batch());
    }

    private float[] logits() {
        try (PtNDArray logits = network.infer(images)) {
            return logits.toFloatArray();
        }
    }

    @Override
    public Outputs outputs() {
        return Outputs.result(logits());
    }

    @Override
    public void run() {
        logits();
    }

    @Override
    public PtNDManager manager() {
        return manager;
    }
}
