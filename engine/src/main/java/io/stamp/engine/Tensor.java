package io.stamp.engine;

import io.stamp.engine.op.Add;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.Multiply;
import io.stamp.engine.op.Power;
import io.stamp.engine.op.Reshape;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.op.Transpose;
import java.util.Arrays;
import java.util.List;

/**
 * An array of numbers on a backend, row-major with the last axis fastest (images are NHWC). It is immutable but for an {@link Update},
 * such as an optimiser's step on parameters, and for the tensor of an {@link Input}. A tensor is a handle: it is
 * owned by the innermost {@link Scope} and must not be used after that has closed. It is <i>tracked</i> when it depends on a
 * {@link #leaf()}; only tracked tensors record a graph.
 */
public final class Tensor implements AutoCloseable {
    private final Shape shape;
    private final Node node;
    private final Storage storage;
    private boolean closed;
    Scope owner;

    private Tensor(Shape shape, Storage storage, Node node) {
        this.shape = shape;
        this.storage = storage;
        this.node = node;
    }

    private static Tensor owned(Shape shape, Storage storage, Node node) {
        Tensor tensor = new Tensor(shape, storage, node);
        Scope.current().own(tensor);
        return tensor;
    }

    // ---------------------------------------------------------------- making tensors

    /** A tensor whose values are not set yet. */
    public static Tensor empty(Backend backend, Shape shape) {
        return owned(shape, new Storage(backend, shape.size(), "Tensor.empty"), null);
    }

    public static Tensor of(Backend backend, Shape shape, double... values) {
        requireLength(shape, values.length);
        StepLog.written(shape, values);
        Tensor tensor = empty(backend, shape);
        backend.write(tensor, values);
        return tensor;
    }

    public static Tensor of(Backend backend, Shape shape, float[] values) {
        requireLength(shape, values.length);
        return of(backend, shape, values, 0);
    }

    /** Takes the values from {@code offset} on. */
    public static Tensor of(Backend backend, Shape shape, float[] values, int offset) {
        if (offset + shape.size() > values.length) {
            throw new StampException(
                    values.length + " values from " + offset + " on do not fill the shape " + shape + ".");
        }
        StepLog.written(shape, values, offset);
        Tensor tensor = empty(backend, shape);
        backend.write(tensor, values, offset);
        return tensor;
    }

    public static Tensor scalar(Backend backend, double value) {
        return of(backend, Shape.of(), value);
    }

    public static Tensor filled(Backend backend, Shape shape, double value) {
        return BroadcastTo.of(scalar(backend, value), shape);
    }

    private static void requireLength(Shape shape, int length) {
        if (shape.size() != length) {
            throw new StampException(length + " values do not fill the shape " + shape + ".");
        }
    }

    /** Runs an op that has inputs, recording it when one of them is tracked. */
    public static Tensor apply(Op op, Tensor... inputs) {
        return apply(inputs[0].backend(), op, inputs);
    }

    /** Runs an op on a backend; needed for ops without inputs. */
    public static Tensor apply(Backend backend, Op op, Tensor... inputs) {
        requireUsable(backend, op, inputs);
        List<Tensor> list = List.of(inputs);
        StepLog.called(op, list);
        Shape shape = op.shape(list.stream().map(Tensor::shape).toList());
        Storage storage = op.aliases() ? inputs[0].storage().retain() : new Storage(backend, shape.size(), op.name());
        Node node = record(op, inputs);
        Tensor output = owned(shape, storage, node);
        backend.execute(op, list, output);
        if (node != null && op.savesOutput()) {
            node.saveOutput(output.saved());
        }
        return output;
    }

    /** Before anything is retained or allocated, which a later failure would not give back. */
    private static void requireUsable(Backend backend, Op op, Tensor[] inputs) {
        for (Tensor input : inputs) {
            if (input.backend() != backend) {
                throw new IllegalStateException(op.name() + " got a tensor of the backend "
                        + input.backend().name() + " while running on " + backend.name() + ".");
            }
        }
    }

    private static Node record(Op op, Tensor[] inputs) {
        boolean tracked = false;
        for (Tensor input : inputs) {
            tracked |= input.tracked();
        }
        if (!tracked) {
            return null;
        }
        Tensor[] saved = new Tensor[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            saved[i] = op.saves(i) ? inputs[i].saved() : new Tensor(inputs[i].shape, null, inputs[i].node);
        }
        Node node = new Node(op, saved);
        Scope.current().own(node);
        return node;
    }

    /** A handle that no scope owns, for the graph. */
    private Tensor saved() {
        return new Tensor(shape, storage().retain(), node);
    }

    /** A handle that no scope owns, constant for autograd. */
    Tensor unowned() {
        return new Tensor(shape, storage().retain(), null);
    }

    // ---------------------------------------------------------------- the handle

    public Shape shape() {
        return shape;
    }

    public Backend backend() {
        return storage().backend;
    }

    /** The backend's memory; for backends only. */
    public Object memory() {
        return storage().memory();
    }

    Storage storage() {
        if (storage == null) {
            throw new IllegalStateException("The value of a tensor of shape " + shape
                    + " is read by a gradient rule whose op does not save it; see Op.saves.");
        }
        if (closed) {
            throw new IllegalStateException("A tensor of shape " + shape + " made by " + storage.origin()
                    + " was used after its scope had closed; keep() it in the scope that makes it.");
        }
        return storage;
    }

    Node node() {
        return node;
    }

    /** Whether gradients flow through this tensor. */
    public boolean tracked() {
        return node != null;
    }

    /** The same values as a new starting point of differentiation. */
    public Tensor leaf() {
        return owned(shape, storage().retain(), Node.leaf());
    }

    /** The same values, constant for autograd. */
    public Tensor detach() {
        return owned(shape, storage().retain(), null);
    }

    /** A second handle, tracked like this one, owned by the innermost scope: it outlives the first. */
    public Tensor alias() {
        return owned(shape, storage().retain(), node);
    }

    /** Frees the handle before its scope closes; closing twice is harmless. */
    @Override
    public void close() {
        if (storage != null && !closed) {
            closed = true;
            storage.release();
        }
    }

    // ---------------------------------------------------------------- values

    /** Throws a {@link StampException} where that many values are not all of this tensor's. */
    void requireLength(int length) {
        requireLength(shape, length);
    }

    public double[] doubles() {
        requireReadable();
        return backend().readDoubles(this);
    }

    public float[] floats() {
        requireReadable();
        return backend().readFloats(this);
    }

    private void requireReadable() {
        StepLog.refuse("reads the values of a tensor of the shape " + shape + " made by "
                + storage().origin());
    }

    /** The value of a tensor with one element. */
    public double scalar() {
        if (shape.size() != 1) {
            throw new IllegalStateException("A tensor of shape " + shape + " is not a single number.");
        }
        return doubles()[0];
    }

    // ---------------------------------------------------------------- arithmetic; every other op has a static `of` in
    // its class

    public Tensor plus(Tensor other) {
        return Add.of(this, other);
    }

    public Tensor plus(double constant) {
        return Affine.of(this, 1, constant);
    }

    public Tensor minus(Tensor other) {
        return plus(other.times(-1));
    }

    public Tensor times(Tensor other) {
        return Multiply.of(this, other);
    }

    public Tensor times(double constant) {
        return Affine.of(this, constant, 0);
    }

    public Tensor over(Tensor other) {
        return times(other.power(-1));
    }

    public Tensor power(double exponent) {
        return Power.of(this, exponent);
    }

    public Tensor reshape(int... dims) {
        return Reshape.of(this, Shape.of(dims));
    }

    public Tensor transpose(int... permutation) {
        return Transpose.of(this, permutation);
    }

    /** Matrix product over the last two axes; leading axes are a common batch. */
    public Tensor matmul(Tensor other) {
        return MatMul.of(this, other, false, false);
    }

    /** The sum of all elements, a scalar. */
    public Tensor sum() {
        return SumTo.of(this, Shape.of());
    }

    /** Sums over the axes; the rank stays, summed axes have size 1. */
    public Tensor sum(int... axes) {
        return SumTo.of(this, shape.reduced(axes));
    }

    /** The mean of all elements, a scalar. */
    public Tensor mean() {
        return sum().times(1.0 / shape.size());
    }

    /** Means over the axes; the rank stays, averaged axes have size 1. */
    public Tensor mean(int... axes) {
        Shape target = shape.reduced(axes);
        return SumTo.of(this, target).times((double) target.size() / shape.size());
    }

    @Override
    public String toString() {
        if (storage == null || closed) {
            return "Tensor" + shape + " (freed)";
        }
        String values = shape.size() <= 16 && !StepLog.isWatching() ? " " + Arrays.toString(doubles()) : "";
        return "Tensor" + shape + " on " + backend().name() + (tracked() ? ", tracked" : "") + values;
    }
}
