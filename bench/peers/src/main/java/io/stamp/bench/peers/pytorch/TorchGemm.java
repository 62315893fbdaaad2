package io.stamp.bench.peers.pytorch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.peers.Outputs;
import io.stamp.bench.peers.Workload;

/** One GEMM in PyTorch. */
final class TorchGemm implements TorchWork.Task {
    private final PtNDManager manager;
    private final PtNDArray left;
    private final PtNDArray right;

    TorchGemm(Workload.Gemm gemm, PtNDManager manager) {
        this.manager = manager;
        left = TorchLayout.create(manager, gemm.left(), gemm.m(), gemm.k());
        right = TorchLayout.create(manager, gemm.right(), gemm.k(), gemm.n());
    }

    @Override
    public Outputs outputs() {
        try (PtNDArray result = JniUtils.matmul(left, right)) {
            return Outputs.result(result.toFloatArray());
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
