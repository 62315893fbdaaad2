package io.stamp.bench.peers.pytorch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.peers.Answers;
import io.stamp.bench.peers.Workload;

/** One matrix product in PyTorch. */
final class TorchProduct implements TorchWork.Task {
    private final PtNDManager manager;
    private final PtNDArray left;
    private final PtNDArray right;

    TorchProduct(Workload.Product product, PtNDManager manager) {
        this.manager = manager;
        left = TorchLayout.create(manager, product.left(), product.m(), product.k());
        right = TorchLayout.create(manager, product.right(), product.k(), product.n());
    }

    @Override
    public Answers answers() {
        try (PtNDArray result = JniUtils.matmul(left, right)) {
            return Answers.result(result.toFloatArray());
        }
    }

    @Override
    public void run() {
        JniUtils.matmul(left, right).close();
    }

    @Override
    public PtNDManager manager() {
        return manager;
    }
}
