package io.stamp.engine.vector;

import io.stamp.engine.HeapBackend;
import io.stamp.engine.Op;
import io.stamp.engine.Tensor;
import io.stamp.engine.Update;
import io.stamp.engine.vector.runtime.FloatMemory;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.Winograd;
import java.util.Arrays;
import java.util.List;

/**
 * float32 on the processor's vector units through the Vector API, on several threads. The same calls give the same bits for any
 * number of threads. Ops of several calling threads run one after the other.
 */
public final class VectorBackend extends HeapBackend<FloatMemory> {
    public static final String NAME = "vector";

    private static final int LARGEST_ARRAY = (Integer.MAX_VALUE - 8) / Lanes.GRANULE * Lanes.GRANULE;

    private final Workers workers;

    public VectorBackend(int threads) {
        super(Float.BYTES);
        workers = new Workers(threads);
    }

    @Override
    protected FloatMemory newArray(int length) {
        return new FloatMemory(length);
    }

    @Override
    protected void freed(FloatMemory memory) {
        memory.forgetDerived();
    }

    /** Rounds up to an eighth of the next lower power of two, so that at most an eighth is wasted. */
    @Override
    protected int sizeClass(int length) {
        long step = Math.max(Lanes.GRANULE, Integer.highestOneBit(length) / 8);
        return (int) Math.min(Math.ceilDiv(Math.max(length, 1), step) * step, LARGEST_ARRAY);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "float32, Vector API with " + Lanes.COUNT + " lanes (" + Lanes.FLOATS.vectorBitSize() + " bits), "
                + workers.threads() + (workers.threads() == 1 ? " thread" : " threads")
                + (Winograd.isOn() ? "" : ", without Winograd");
    }

    @Override
    public synchronized void execute(Op op, List<Tensor> inputs, Tensor output) {
        VectorKernels.run(op, floats(inputs), floats(output), workers);
    }

    @Override
    public synchronized void update(Update update, List<List<Tensor>> tuples) {
        for (List<Tensor> tuple : tuples) {
            tuple.forEach(tensor -> memoryOf(tensor).forgetDerived());
            VectorKernels.run(update, floats(tuple), workers);
        }
    }

    private static Floats[] floats(List<Tensor> tensors) {
        Floats[] all = new Floats[tensors.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = floats(tensors.get(i));
        }
        return all;
    }

    private static Floats floats(Tensor tensor) {
        return new Floats(tensor.shape(), memoryOf(tensor));
    }

    private static FloatMemory memoryOf(Tensor tensor) {
        return (FloatMemory) tensor.memory();
    }

    /** The values, about to be overwritten. */
    private static float[] overwritten(Tensor tensor) {
        memoryOf(tensor).forgetDerived();
        return memoryOf(tensor).values();
    }

    @Override
    public void write(Tensor tensor, double[] values) {
        float[] memory = overwritten(tensor);
        for (int i = 0; i < values.length; i++) {
            memory[i] = (float) values[i];
        }
    }

    @Override
    public void write(Tensor tensor, float[] values, int offset) {
        System.arraycopy(values, offset, overwritten(tensor), 0, tensor.shape().length());
    }

    @Override
    public double[] readDoubles(Tensor tensor) {
        float[] memory = memoryOf(tensor).values();
        double[] values = new double[tensor.shape().length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = memory[i];
        }
        return values;
    }

    @Override
    public float[] readFloats(Tensor tensor) {
        return Arrays.copyOf(memoryOf(tensor).values(), tensor.shape().length());
    }

    @Override
    public Support supports(Class<?> opOrUpdate) {
        return VectorKernels.supports(opOrUpdate);
    }

    /** Ends the threads and lets go of the pooled memory. */
    @Override
    public void close() {
        workers.close();
        trim();
    }
}
