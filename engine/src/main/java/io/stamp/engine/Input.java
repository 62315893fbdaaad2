package io.stamp.engine;

/**
 * A tensor whose values may be replaced: what changes between the runs of a {@link Recording}, such as a batch of images, a learning
 * rate or the number of a draw.
 *
 * <p>All other tensors keep their values until an {@link Update} or their scope ends them. The values of an input are replaced in place,
 * in its own memory, so that every handle to it sees the new ones, also what autograd saved. Set an input between steps, not
 * between a forward pass and its backward pass.
 */
public final class Input {
    private final Tensor tensor;

    private Input(Tensor tensor) {
        this.tensor = tensor;
    }

    /** An input without values yet, owned by the innermost scope. */
    public static Input of(Backend backend, Shape shape) {
        return new Input(Tensor.empty(backend, shape));
    }

    /** The values as a tensor, always the same one. */
    public Tensor tensor() {
        return tensor;
    }

    /**
     * Replaces all values, after all work that reads the old ones.
     *
     * @throws StampException if their number is another, or while a step runs in a {@link Recording}
     */
    public void set(double... values) {
        tensor.requireLength(values.length);
        StepLog.refuse("sets an input of the shape " + tensor.shape());
        tensor.backend().write(tensor, values);
    }

    /** As {@link #set(double...)}; the array may be changed afterwards. */
    public void set(float[] values) {
        tensor.requireLength(values.length);
        StepLog.refuse("sets an input of the shape " + tensor.shape());
        tensor.backend().write(tensor, values, 0);
    }
}
