package io.stamp.engine.reference;

import io.stamp.engine.Dense;
import io.stamp.engine.HeapBackend;
import io.stamp.engine.Op;
import io.stamp.engine.Tensor;
import io.stamp.engine.Update;
import java.util.List;

/** The oracle: stores float64 and runs every op's own definition in plain loops on one thread. */
public final class ReferenceBackend extends HeapBackend<double[]> {
    public static final String NAME = "reference";

    public ReferenceBackend() {
        super(Double.BYTES);
    }

    @Override
    protected double[] newArray(int length) {
        return new double[length];
    }

    @Override
    protected int sizeClass(int length) {
        return length;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "float64, plain loops, one thread";
    }

    @Override
    public void execute(Op op, List<Tensor> inputs, Tensor output) {
        if (!op.aliases()) {
            op.define(inputs.stream().map(ReferenceBackend::dense).toList(), dense(output));
        }
    }

    @Override
    public void update(Update update, List<List<Tensor>> tuples) {
        for (List<Tensor> tuple : tuples) {
            update.define(tuple.stream().map(ReferenceBackend::dense).toList());
        }
    }

    private static Dense dense(Tensor tensor) {
        return new Dense(tensor.shape(), (double[]) tensor.memory());
    }

    @Override
    public void write(Tensor tensor, double[] values) {
        System.arraycopy(values, 0, (double[]) tensor.memory(), 0, values.length);
    }

    @Override
    public void write(Tensor tensor, float[] values, int offset) {
        double[] memory = (double[]) tensor.memory();
        for (int i = 0; i < memory.length; i++) {
            memory[i] = values[offset + i];
        }
    }

    @Override
    public double[] readDoubles(Tensor tensor) {
        return ((double[]) tensor.memory()).clone();
    }

    @Override
    public float[] readFloats(Tensor tensor) {
        double[] memory = (double[]) tensor.memory();
        float[] values = new float[memory.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) memory[i];
        }
        return values;
    }

    @Override
    public Support supports(Class<?> opOrUpdate) {
        return new Support(true, "runs the definition of every op");
    }

    @Override
    public void close() {
        trim();
    }
}
