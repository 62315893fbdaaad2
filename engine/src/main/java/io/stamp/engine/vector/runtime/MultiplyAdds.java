package io.stamp.engine.vector.runtime;

import jdk.incubator.vector.FloatVector;

/** A loop of independent multiply-adds in registers: the most arithmetic that one thread can do, to compare kernels with. */
public final class MultiplyAdds {
    /** Sums side by side: enough to hide the latency of a multiply-add. */
    private static final int CHAINS = 8;

    private MultiplyAdds() {}

    /** Floating-point operations of {@link #run}; a multiply-add counts as two. */
    public static double flops(int steps) {
        return 2.0 * CHAINS * Lanes.COUNT * steps;
    }

    /** Runs the loop so often; the result is finite and has to be used, or the JIT compiler could leave the loop out. */
    public static float run(int steps) {
        FloatVector x = FloatVector.broadcast(Lanes.FLOATS, 0.5f);
        FloatVector s0 = x;
        FloatVector s1 = x;
        FloatVector s2 = x;
        FloatVector s3 = x;
        FloatVector s4 = x;
        FloatVector s5 = x;
        FloatVector s6 = x;
        FloatVector s7 = x;
        for (int i = 0; i < steps; i++) {
            s0 = s0.fma(x, x);
            s1 = s1.fma(x, x);
            s2 = s2.fma(x, x);
            s3 = s3.fma(x, x);
            s4 = s4.fma(x, x);
            s5 = s5.fma(x, x);
            s6 = s6.fma(x, x);
            s7 = s7.fma(x, x);
        }
        return s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).lane(0);
    }
}
