package io.stamp.engine.vector;

import io.stamp.engine.Backend;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import jdk.incubator.vector.FloatVector;

/**
 * Finds out once whether this JVM compiles the Vector API to vector instructions. Some do not (interpreters, compilers without its
 * intrinsics), and then everything is a hundred times slower than plain loops.
 */
final class SelfTest {
    private static final int LENGTH = 1 << 8;
    private static final int PASSES = 64;
    /** Rounds after which the compiler should have been started; from then on it gets the processor. */
    private static final int BUSY_ROUNDS = 25;

    private static final long PAUSE_NANOS = 5_000_000;
    /** On a busy machine the compiler, which works in the background, can be late by many seconds. */
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private SelfTest() {}

    private static final class Holder {
        static final Backend.Support RESULT = run();
    }

    /** The answer; the first call takes some 50 ms on a sound JVM. */
    static Backend.Support result() {
        return Holder.RESULT;
    }

    private static Backend.Support run() {
        if (System.getProperty("java.vm.info", "").contains("interpreted")) {
            return new Backend.Support(
                    false, "this JVM interprets, which makes the Vector API very slow; start it without -Xint.");
        }
        float[] x = new float[LENGTH];
        float[] scalar = new float[LENGTH];
        float[] vector = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            x[i] = (i % 97 - 48) / 32f;
        }
        long start = System.nanoTime();
        for (int round = 0; ; round++) {
            long scalarTime = timeScalar(x, scalar);
            long vectorTime = timeVector(x, vector);
            int wrong = Arrays.mismatch(scalar, vector);
            if (wrong >= 0) {
                return new Backend.Support(
                        false,
                        "the Vector API computes " + vector[wrong] + " instead of " + scalar[wrong]
                                + " on this JVM; use another JVM or the backend reference.");
            }
            if (vectorTime <= 2 * scalarTime) {
                return new Backend.Support(
                        true, "Vector API, " + Lanes.COUNT + " lanes (" + Lanes.FLOATS.vectorBitSize() + " bits)");
            }
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                return new Backend.Support(
                        false,
                        ("the Vector API is %.0f times slower than plain loops on this JVM, which does not compile it to"
                                        + " vector instructions; use a JVM with the C2 compiler.")
                                .formatted((double) vectorTime / scalarTime));
            }
            if (round > BUSY_ROUNDS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private static long timeScalar(float[] x, float[] y) {
        long start = System.nanoTime();
        for (int pass = 0; pass < PASSES; pass++) {
            scalarPass(x, y);
        }
        return System.nanoTime() - start;
    }

    private static long timeVector(float[] x, float[] y) {
        long start = System.nanoTime();
        for (int pass = 0; pass < PASSES; pass++) {
            vectorPass(x, y);
        }
        return System.nanoTime() - start;
    }

    private static void scalarPass(float[] x, float[] y) {
        for (int i = 0; i < LENGTH; i++) {
            float value = x[i] * x[i] + 0.5f;
            y[i] = value < 1 ? 1 : value;
        }
    }

    private static void vectorPass(float[] x, float[] y) {
        for (int i = 0; i < LENGTH; i += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
            FloatVector value = v.mul(v).add(0.5f);
            value.blend(1f, value.lt(1f)).intoArray(y, i);
        }
    }
}
