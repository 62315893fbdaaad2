package io.stamp.bench.jmh;

import io.stamp.bench.measure.Roofline;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Secondary results of a benchmark in throughput mode: JMH divides what is counted here by the seconds it took. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Rates {
    /** GFLOP/s; see {@link Work#flops()}. */
    public double gigaflops;

    /** GB/s that would do if everything were touched once; see {@link Work#bytes()}. */
    public double gigabytes;

    /** {@link #gigaflops} over what the arithmetic of this machine can do. */
    public double arithmetic;

    /** {@link #gigabytes} over what the memory of this machine can do. */
    public double memory;

    /** The shortest time for the work by the roofline over the time it took: 1 is as fast as this machine can be. */
    public double roofline;

    /** To be called once for every call of the benchmark. */
    void count(Work work, Roofline ceiling) {
        gigaflops += work.flops() * 1e-9;
        gigabytes += work.bytes() * 1e-9;
        arithmetic += work.flops() / ceiling.flopsPerSecond();
        memory += work.bytes() / ceiling.bytesPerSecond();
        roofline += ceiling.seconds(work.flops(), work.bytes());
    }
}
