package io.stamp.engine.trace;

import io.stamp.engine.Backend;
import io.stamp.engine.Op;
import io.stamp.engine.Tensor;
import io.stamp.engine.Update;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes nothing and records every call: running a network on it yields its graph with all shapes. Tensors of this backend have
 * no values.
 */
public final class TraceBackend implements Backend {
    /** One op that was run, with the very tensor objects that went in and came out. */
    public record Call(Op op, List<Tensor> inputs, Tensor output) {
        public long multiplyAccumulates() {
            return op.multiplyAccumulates(inputs.stream().map(Tensor::shape).toList());
        }
    }

    private static final Object NOTHING = new Object();

    private final List<Call> calls = new ArrayList<>();

    /** The calls so far, in the order of execution. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    @Override
    public String name() {
        return "trace";
    }

    @Override
    public String description() {
        return "records calls, computes nothing";
    }

    @Override
    public Object allocate(long elements) {
        return NOTHING;
    }

    @Override
    public void free(Object memory, long elements) {}

    @Override
    public void execute(Op op, List<Tensor> inputs, Tensor output) {
        calls.add(new Call(op, inputs, output));
    }

    @Override
    public void update(Update update, List<List<Tensor>> tuples) {}

    @Override
    public void write(Tensor tensor, double[] values) {}

    @Override
    public void write(Tensor tensor, float[] values, int offset) {}

    @Override
    public double[] readDoubles(Tensor tensor) {
        throw noValues();
    }

    @Override
    public float[] readFloats(Tensor tensor) {
        throw noValues();
    }

    private static IllegalStateException noValues() {
        return new IllegalStateException(
                "A traced tensor has no values; a network must not look at values to be traceable.");
    }

    @Override
    public Support supports(Class<?> opOrUpdate) {
        return new Support(true, "records every op");
    }

    @Override
    public MemoryUse memory() {
        return new MemoryUse(0, 0, 0);
    }

    @Override
    public void close() {}
}
