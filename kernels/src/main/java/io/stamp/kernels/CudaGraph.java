package io.stamp.kernels;

import io.stamp.engine.Backend;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.DeviceGraph;
import io.stamp.kernels.device.DevicePool;
import io.stamp.kernels.device.Opened;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A captured step. A launch uses the addresses of the capture, so nobody else may get this memory while the graph lives: what the step
 * allocated belongs to a pool of its own, and what it used from outside stays until the graph closes, also when its owner has freed it.
 * Calls are guarded by the backend.
 */
final class CudaGraph implements Backend.Graph {
    private final CudaBackend backend;
    private final DevicePool pool;
    private final Opened opened = new Opened();
    private final Set<DeviceBuffer> used = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<DeviceBuffer> freedByOwners = new ArrayList<>();
    private DeviceGraph graph;
    private boolean closed;

    CudaGraph(CudaBackend backend, DevicePool pool) {
        this.backend = backend;
        this.pool = pool;
        opened.add(pool::close);
    }

    DevicePool pool() {
        return pool;
    }

    /** The capture has ended well. */
    void captured(DeviceGraph instantiated) {
        graph = instantiated;
        opened.add(graph::close);
    }

    /** An op of the step reads or writes this. */
    void use(DeviceBuffer buffer) {
        if (!pool.owns(buffer)) {
            used.add(buffer);
        }
    }

    /** Takes what an owner frees, if that is this graph's own or used by it. */
    boolean takes(DeviceBuffer buffer) {
        if (pool.owns(buffer)) {
            pool.free(buffer);
            return true;
        }
        if (used.remove(buffer)) {
            freedByOwners.add(buffer);
            return true;
        }
        return false;
    }

    @Override
    public void launch() {
        synchronized (backend) {
            if (closed) {
                throw new IllegalStateException("A graph was launched after it, or its backend, had been closed.");
            }
            backend.enter();
            try {
                graph.launch();
                backend.awaitIfSynchronous();
            } catch (CudaException failure) {
                throw failure.during("a recorded step of " + graph.nodes() + " launches and copies");
            }
        }
    }

    @Override
    public void close() {
        synchronized (backend) {
            if (!closed) {
                backend.enter();
                backend.forget(this);
                try {
                    discard();
                } finally {
                    freedByOwners.forEach(buffer -> backend.free(buffer, 0));
                }
            }
        }
    }

    /** Waits for the last launch and gives the graph and its own memory back. */
    void discard() {
        closed = true;
        opened.add(backend::settle);
        opened.close();
    }
}
