package io.stamp.bench.jmh;

import io.stamp.bench.jmh.harness.CheckedBenchmark;
import io.stamp.bench.measure.RandomValues;
import io.stamp.bench.measure.Roofline;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Op;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What all benchmarks share: the backend {@code vector}, a scope that owns the data, data from seeds, and the roofline of this JVM. JMH's
 * own threads stay at one, the engine has its own.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public abstract class EngineBenchmark implements CheckedBenchmark {
    /** What stands before a size on the command line. */
    static final String SIZE = "-p size=";

    /** What stands before a network on the command line. */
    static final String NETWORK = "-p network=";

    /** Threads of the engine; 0 stands for all processors. */
    @Param("0")
    int threads;

    private Backend backend;
    private Scope scope;
    private Roofline roofline;
    private int tensors;

    @Setup(Level.Trial)
    public void open() {
        check();
        tensors = 0;
        backend = Backends.open("vector", teamSize());
        scope = Scope.open();
        prepare();
    }

    @Override
    public void check() {
        requireAtLeast(0, "-p threads=", threads);
        read();
    }

    static void requireAtLeast(int least, String before, int value) {
        if (value < least) {
            throw new StampException(before + value + " is too small; give a whole number from " + least + " on.");
        }
    }

    /** Reads the parameters, before there are data and a backend; a wrong one is a {@link StampException}. */
    abstract void read();

    /** Makes the data; a call from here, since JMH orders set-up methods of super- and subclass by the names of the classes. */
    abstract void prepare();

    @TearDown(Level.Trial)
    public void close() {
        scope.close();
        backend.close();
    }

    private int teamSize() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    Backend backend() {
        return backend;
    }

    /** Measures the roofline for work that touches so much memory; every set-up calls this once. */
    void measureRoofline(Work work) {
        roofline = Roofline.measure(teamSize(), work.bytes());
    }

    Roofline roofline() {
        return roofline;
    }

    /** Values in [-0.5, 0.5), other ones for each tensor of a trial and the same in every trial. */
    Tensor noise(int... dims) {
        return RandomValues.uniform(backend, Shape.of(dims), tensors++);
    }

    /** Runs an op and frees its result. */
    static void run(Op op, Tensor... inputs) {
        try (Scope _ = Scope.open()) {
            Tensor.apply(op, inputs);
        }
    }
}
