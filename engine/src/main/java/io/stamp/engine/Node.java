package io.stamp.engine;

import java.util.concurrent.atomic.AtomicLong;

/** One recorded op of the autograd graph, or a leaf (without op). Ids grow with time, so their order is topological. */
final class Node {
    private static final AtomicLong NEXT = new AtomicLong();

    final long id = NEXT.getAndIncrement();
    final Op op;
    /** The inputs as they were; those whose value the op does not save have no storage. */
    final Tensor[] inputs;

    private Tensor output;
    private boolean released;

    Node(Op op, Tensor[] inputs) {
        this.op = op;
        this.inputs = inputs;
    }

    static Node leaf() {
        return new Node(null, new Tensor[0]);
    }

    boolean isLeaf() {
        return op == null;
    }

    void saveOutput(Tensor value) {
        output = value;
    }

    Tensor output() {
        return output;
    }

    boolean released() {
        return released;
    }

    /** Drops the saved values; the node cannot be differentiated any more. */
    void release() {
        if (released) {
            return;
        }
        released = true;
        for (Tensor input : inputs) {
            input.close();
        }
        if (output != null) {
            output.close();
        }
    }
}
