package io.stamp.engine.vector;

import io.stamp.engine.Backend;
import jdk.incubator.vector.FloatVector;

/**
 * Finds out once whether this JVM compiles the Vector API to vector instructions. Some do not (interpreters, compilers without its
 * intrinsics), and then everything is a hundred times slower than plain loops.
 */
final class SelfTest {
    private static final int LENGTH = 1 << 12;
    private static final int REPEATS = 8;
    private static final long PATIENCE_NANOS = 3_000_000_000L;

    private SelfTest() {}

    private static final class Holder {
        static final Backend.Support RESULT = run();
    }

    static Backend.Support result() {
        return Holder.RESULT;
    }

    /** The compiler works in the background, so it is given time; a sound JVM passes within some 50 ms. */
    private static Backend.Support run() {
        float[] x = new float[LENGTH];
        float[] scalar = new float[LENGTH];
        float[] vector = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            x[i] = (i % 97 - 48) / 32f;
        }
        long start = System.nanoTime();
        while (true) {
            long scalarTime = timeScalar(x, scalar);
            long vectorTime = timeVector(x, vector);
            for (int i = 0; i < LENGTH; i++) {
                if (scalar[i] != vector[i]) {
                    return new Backend.Support(
                            false,
                            "the Vector API computes wrong values on this JVM (" + vector[i] + " instead of "
                                    + scalar[i] + "); use another JVM or --backend reference.");
                }
            }
            if (vectorTime <= 2 * scalarTime) {
                return new Backend.Support(
                        true, "Vector API, " + Lanes.COUNT + " lanes of " + Lanes.FLOATS.vectorBitSize() + " bits");
            }
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                return new Backend.Support(
                        false,
                        "the Vector API is %.1f times slower than plain loops on this JVM, which does not compile it to vector instructions; use a JVM with the C2 compiler."
                                .formatted((double) vectorTime / scalarTime));
            }
        }
    }

    private static long timeScalar(float[] x, float[] y) {
        long best = Long.MAX_VALUE;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            long start = System.nanoTime();
            for (int i = 0; i < LENGTH; i++) {
                float value = x[i] * x[i] + 0.5f;
                y[i] = value < 1 ? 1 : value;
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }

    private static long timeVector(float[] x, float[] y) {
        long best = Long.MAX_VALUE;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            long start = System.nanoTime();
            for (int i = 0; i < LENGTH; i += Lanes.COUNT) {
                FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
                FloatVector value = v.mul(v).add(0.5f);
                value.blend(1f, value.lt(1f)).intoArray(y, i);
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }
}
