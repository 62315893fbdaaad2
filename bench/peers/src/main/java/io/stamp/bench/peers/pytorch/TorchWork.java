package io.stamp.bench.peers.pytorch;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.peers.Outputs;
import io.stamp.bench.peers.PreparedWork;
import java.util.function.Supplier;

/** A task with the modes of PyTorch that it needs; they hold for the whole process, or the calling thread, and change from turn to turn. */
final class TorchWork implements PreparedWork {
    /** What is computed. */
    interface Task {
        /** See {@link PreparedWork#outputs}. */
        Outputs outputs();

        /** See {@link PreparedWork#run}. */
        void run();

        /** The owner of its tensors. */
        PtNDManager manager();
    }

    private final int threads;
    private final boolean gradients;
    private final Task task;

    /**
     * Makes the task, in its modes.
     *
     * @param gradients whether operations are recorded
     */
    TorchWork(int threads, boolean gradients, Supplier<Task> task) {
        this.threads = threads;
        this.gradients = gradients;
        takeOver();
        this.task = task.get();
    }

    @Override
    public void takeOver() {
        JniUtils.setNumThreads(threads);
        JniUtils.setGradMode(gradients);
    }

    @Override
    public Outputs outputs() {
        return task.outputs();
    }

    @Override
    public void run() {
        task.run();
    }

    @Override
    public void close() {
        task.manager().close();
    }
}
