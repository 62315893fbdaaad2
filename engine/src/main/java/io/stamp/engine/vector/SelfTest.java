package io.stamp.engine.vector;

import io.stamp.engine.Backend;
import io.stamp.engine.vector.runtime.Lanes;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import jdk.incubator.vector.FloatVector;

/**
 * Finds out once whether the Vector API computes correctly in this JVM, interpreted and compiled: that alone decides whether the
 * backend works. Some JVMs never compile it to vector instructions (interpreters, compilers without its intrinsics), which makes it
 * a hundred times slower than plain loops; the answer's reason then says so, as a hint, since a busy machine can look the same.
 */
final class SelfTest {
    private static final int LENGTH = 1 << 8;
    private static final int PASSES = 64;
    /** Rounds after which the compiler should have been started; from then on it gets the processor. */
    private static final int BUSY_ROUNDS = 25;

    private static final long PAUSE_NANOS = 5_000_000;
    /** For the compiler, which works in the background. */
    private static final long PATIENCE_NANOS = 3_000_000_000L;
    /** Compiled to vector instructions it is several times faster than plain loops, otherwise many times slower. */
    private static final double SLOW = 2;

    private SelfTest() {}

    private static final class Holder {
        static final Backend.Support RESULT = run(SelfTest::scalarPass, SelfTest::vectorPass, PATIENCE_NANOS);
    }

    /** Computes {@code y} from {@code x}, both of length {@link #LENGTH}. */
    @FunctionalInterface
    interface Pass {
        void run(float[] x, float[] y);
    }

    /** The answer; the first call takes some 50 ms on a sound JVM, and a few seconds where the Vector API stays slow. */
    static Backend.Support result() {
        return Holder.RESULT;
    }

    /** Repeats both until the second is not slow any more, at most for the given time, and compares what they compute each time. */
    static Backend.Support run(Pass scalarPass, Pass vectorPass, long patienceNanos) {
        float[] x = new float[LENGTH];
        float[] scalar = new float[LENGTH];
        float[] vector = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            x[i] = (i % 97 - 48) / 32f;
        }
        String lanes = "Vector API, " + Lanes.COUNT + " lanes (" + Lanes.FLOATS.vectorBitSize() + " bits)";
        long start = System.nanoTime();
        for (int round = 0; ; round++) {
            long scalarTime = time(scalarPass, x, scalar);
            long vectorTime = time(vectorPass, x, vector);
            int wrong = Arrays.mismatch(scalar, vector);
            if (wrong >= 0) {
                return new Backend.Support(
                        false,
                        "the Vector API computes " + vector[wrong] + " instead of " + scalar[wrong]
                                + " on this JVM; use another JVM or the backend reference.");
            }
            if (vectorTime <= SLOW * scalarTime) {
                return new Backend.Support(true, lanes);
            }
            if (System.nanoTime() - start > patienceNanos) {
                return new Backend.Support(true, lanes + "; slow: " + hint((double) vectorTime / scalarTime));
            }
            if (round > BUSY_ROUNDS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private static String hint(double ratio) {
        return String.format(Locale.ROOT, "it took %.0f times as long as plain loops, ", ratio)
                + (System.getProperty("java.vm.info", "").contains("interpreted")
                        ? "since this JVM interprets; start it without -Xint."
                        : "so this JVM seems not to compile it to vector instructions; if the machine is not busy, use a"
                                + " JVM with the C2 compiler.");
    }

    private static long time(Pass pass, float[] x, float[] y) {
        long start = System.nanoTime();
        for (int i = 0; i < PASSES; i++) {
            pass.run(x, y);
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
