package io.stamp.kernels.device;

import io.stamp.kernels.bind.DriverGraph;

/** Work of a stream that was captured, ready to run as a whole. */
public final class DeviceGraph implements AutoCloseable {
    private final long executable;
    private final long stream;
    private final long nodes;

    private final Capture capture;

    private DeviceGraph(long executable, long stream, long nodes, Capture capture) {
        this.executable = executable;
        this.stream = stream;
        this.nodes = nodes;
        this.capture = capture;
    }

    /** Takes a captured graph over and makes it ready. */
    static DeviceGraph of(long graph, long stream, Capture capture) {
        try {
            long nodes = DriverGraph.nodes(graph);
            return new DeviceGraph(DriverGraph.instantiate(graph), stream, nodes, capture);
        } finally {
            DriverGraph.destroy(graph);
        }
    }

    /** Runs the work, after all that the stream was given before. */
    public void launch() {
        DriverGraph.launch(executable, stream);
    }

    /** Number of launches, copies and the like. */
    public long nodes() {
        return nodes;
    }

    /** Lets go of the graph, which must not run any more. */
    @Override
    public void close() {
        DriverGraph.destroyExecutable(executable);
        capture.freeConstants();
    }
}
