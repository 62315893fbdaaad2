package io.stamp.bench.jmh.harness;

/** A JMH benchmark that tells from its parameters alone whether they make sense, before anything runs. */
public interface CheckedBenchmark {
    /** @throws io.stamp.engine.StampException where a parameter has a wrong form, naming it */
    void check();
}
