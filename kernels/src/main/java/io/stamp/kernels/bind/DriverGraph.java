package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Graphs: work captured from a stream, which a launch runs as a whole. All handles are numbers; 0 is none. */
public final class DriverGraph {
    /** Pools may take memory from the device meanwhile; nothing else that is called then is unsafe. */
    private static final int RELAXED = 2;

    private static final NativeFunction BEGIN = Driver.function("cuStreamBeginCapture_v2", JAVA_LONG, JAVA_INT);
    private static final NativeFunction END = Driver.function("cuStreamEndCapture", JAVA_LONG, ADDRESS);
    private static final NativeFunction NODES = Driver.function("cuGraphGetNodes", JAVA_LONG, ADDRESS, ADDRESS);
    private static final NativeFunction INSTANTIATE =
            Driver.function("cuGraphInstantiateWithFlags", ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final NativeFunction LAUNCH = Driver.function("cuGraphLaunch", JAVA_LONG, JAVA_LONG);
    private static final NativeFunction DESTROY_EXECUTABLE = Driver.function("cuGraphExecDestroy", JAVA_LONG);
    private static final NativeFunction DESTROY = Driver.function("cuGraphDestroy", JAVA_LONG);

    private DriverGraph() {}

    /** From here on, work that the stream is given becomes part of a graph and does not run. */
    public static void beginCapture(long stream) {
        BEGIN.call(stream, RELAXED);
    }

    /** Ends a capture; the graph. */
    public static long endCapture(long stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment graph = arena.allocate(JAVA_LONG);
            END.call(stream, graph);
            return graph.get(JAVA_LONG, 0);
        }
    }

    /** Ends a capture that has failed, whatever the driver thinks of it. */
    public static void abandonCapture(long stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment graph = arena.allocate(JAVA_LONG);
            if (END.status(stream, graph) == 0) {
                destroy(graph.get(JAVA_LONG, 0));
            }
        }
    }

    /** Number of launches, copies and the like in a graph. */
    public static long nodes(long graph) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_LONG);
            NODES.call(graph, MemorySegment.NULL, count);
            return count.get(JAVA_LONG, 0);
        }
    }

    /** Makes a graph ready to be launched; the executable graph does not need the graph any more. */
    public static long instantiate(long graph) {
        return INSTANTIATE.result(graph, 0L);
    }

    /** Runs an executable graph, after all earlier work of the stream. */
    public static void launch(long executable, long stream) {
        int status;
        try {
            status = (int) LAUNCH.handle().invokeExact(executable, stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw LAUNCH.failure(status, executable, stream);
        }
    }

    /** Lets go of an executable graph; launches of it that have not ended yet do end. */
    public static void destroyExecutable(long executable) {
        DESTROY_EXECUTABLE.call(executable);
    }

    /** Lets go of a graph. */
    public static void destroy(long graph) {
        DESTROY.call(graph);
    }
}
