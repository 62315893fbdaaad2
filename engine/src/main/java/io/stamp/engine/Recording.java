package io.stamp.engine;

import java.util.List;
import java.util.function.Supplier;

/**
 * A step that runs again and again on other values: a training step, or inference on a batch of images. On a backend that
 * {@linkplain Backend#recordsGraphs records graphs}, the first run is an ordinary one, which settles whatever the backend chooses by
 * itself; the second is captured as a graph, and from then on a run is one launch of it. On any other backend each run calls the step.
 * The values are the same either way, bit for bit.
 *
 * <p>Therefore a step has to be made for repetition, and a {@link StampException} names the call where it is not:
 * <ul>
 * <li>it makes the same calls at each run; what changes between runs, it reads from an {@link Input}, which the caller sets before;
 * <li>it reads no values; what the caller wants to see, it returns;
 * <li>it lets go of no tensor that it did not make, and keeps none but by returning it.
 * </ul>
 *
 * <p>A graph has memory of its own, as much as the step needs at once, until the recording is closed. Tensors from outside that it
 * uses stay in memory as long. Not thread-safe.
 */
public final class Recording implements AutoCloseable {
    private final Backend backend;
    private final Supplier<List<Tensor>> step;
    private final boolean graphs;
    private final StepLog log = new StepLog();

    private List<Tensor> results = List.of();
    private Backend.Graph graph;
    private int watchedRuns;
    private boolean closed;

    private Recording(Backend backend, Supplier<List<Tensor>> step, boolean graphs) {
        this.backend = backend;
        this.step = step;
        this.graphs = graphs;
    }

    /**
     * A step that becomes a graph where the backend can do that; nothing runs yet.
     *
     * @param step returns what its caller wants to see; it runs in a scope of its own
     */
    public static Recording of(Backend backend, Supplier<List<Tensor>> step) {
        return new Recording(backend, step, backend.recordsGraphs());
    }

    /** A step that never becomes a graph; to be compared with {@link #of}. */
    public static Recording withoutGraph(Backend backend, Supplier<List<Tensor>> step) {
        return new Recording(backend, step, false);
    }

    /**
     * Runs the step once.
     *
     * @return what the step returned, constant for autograd; valid until the next run, which frees or overwrites it
     */
    public List<Tensor> run() {
        if (closed) {
            throw new IllegalStateException("A recorded step was run after it had been closed.");
        }
        if (graph == null) {
            release();
            if (!graphs || watchedRuns == 0) {
                results = call();
                return results;
            }
            graph = captured();
        }
        graph.launch();
        return results;
    }

    private Backend.Graph captured() {
        try {
            return backend.capture(() -> results = call());
        } catch (RuntimeException failure) {
            release();
            throw failure;
        }
    }

    /** Calls the step, watching it twice. */
    private List<Tensor> call() {
        try (Scope _ = Scope.open()) {
            List<Tensor> made = watchedRuns < 2 ? log.watch(step) : step.get();
            watchedRuns++;
            return made.stream().map(Tensor::unowned).toList();
        }
    }

    /** Whether a graph has been captured. */
    public boolean isGraph() {
        return graph != null;
    }

    private void release() {
        results.forEach(Tensor::close);
        results = List.of();
    }

    /** Frees the results, and the graph with its memory; closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        release();
        if (graph != null) {
            graph.close();
            graph = null;
        }
    }
}
