package io.stamp.engine;

import java.util.List;

/**
 * Where tensors live and ops run. A backend never falls back to another one: an op it cannot run is an error that says why.
 * Implementations are found through {@link BackendProvider}.
 */
public interface Backend extends AutoCloseable {
    /** The name used on the command line: {@code reference}, {@code vector}, {@code cuda}. */
    String name();

    /** One line for people and provenance: instruction set, lanes, threads, device. */
    String description();

    /** Memory for that many elements, not cleared. */
    Object allocate(long elements);

    /** As {@link #allocate(long)}; a backend may name the maker, the op that the memory is for, where its memory is full. */
    default Object allocate(long elements, String maker) {
        return allocate(elements);
    }

    /** Returns memory from {@link #allocate} to the pool. */
    void free(Object memory, long elements);

    /** Runs one op; the output has its shape and memory already (the first input's memory if {@link Op#aliases()}). */
    void execute(Op op, List<Tensor> inputs, Tensor output);

    /** Runs an update in place on each of the tuples, in any order: none overwrites what another one uses. There is at least one. */
    void update(Update update, List<List<Tensor>> tuples);

    /** Copies {@code tensor.shape().size()} values in; float64 values are rounded where the backend stores float32. */
    void write(Tensor tensor, double[] values);

    /** Copies {@code tensor.shape().size()} values in, starting at {@code offset} of the array. */
    void write(Tensor tensor, float[] values, int offset);

    double[] readDoubles(Tensor tensor);

    float[] readFloats(Tensor tensor);

    /** Whether {@link #capture} works here. */
    default boolean recordsGraphs() {
        return false;
    }

    /**
     * Captures the calls that {@code calls} makes to this backend as a graph instead of running them; the library's part of
     * {@link Recording}. What it allocates belongs to the graph until that closes. Other threads wait meanwhile.
     */
    default Graph capture(Runnable calls) {
        throw new StampException("The backend " + name() + " has no graphs.");
    }

    /** Captured calls, which run in their order at every launch, like a single op. */
    interface Graph extends AutoCloseable {
        void launch();

        /** Gives the graph's memory back; closing twice is harmless, also after the backend. */
        @Override
        void close();
    }

    /** Whether this backend runs that kind of op, and the reason in words. */
    Support supports(Class<?> opOrUpdate);

    MemoryUse memory();

    @Override
    void close();

    /** An answer with its reason. */
    record Support(boolean supported, String reason) {}

    /** Bytes in tensors now, the highest such number so far, and bytes held by the pool for reuse. */
    record MemoryUse(long liveBytes, long peakBytes, long pooledBytes) {}
}
