package io.stamp.engine.vector.runtime;

import io.stamp.engine.StampException;
import java.util.Set;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of all kernels, chosen once: the widest the CPU has, or {@code -Dstamp.vector.bits=128|256|512}. It is
 * a constant for the just-in-time compiler, which is what makes the Vector API fast.
 */
public final class Lanes {
    /** System property that overrides the width. */
    public static final String PROPERTY = "stamp.vector.bits";

    /** Species of every float vector. */
    public static final VectorSpecies<Float> FLOATS = chooseSpecies(System.getProperty(PROPERTY));

    /** Floats in a vector. */
    public static final int COUNT = FLOATS.length();

    /** Floats of the widest vector there is; the length of every tensor's array is a multiple of it. */
    public static final int GRANULE = 16;

    /** Vector registers of the processor: 16 on x86 before AVX-512, otherwise 32. */
    public static final int REGISTERS = Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"))
                    && FloatVector.SPECIES_MAX.vectorBitSize() < 512
            ? 16
            : 32;

    private Lanes() {}

    /** Lanes 0 to {@code count - 1}; all of them if {@code count >= COUNT}. */
    public static VectorMask<Float> first(int count) {
        return FLOATS.indexInRange(0, count);
    }

    private static VectorSpecies<Float> chooseSpecies(String bits) {
        if (bits == null) {
            return FloatVector.SPECIES_PREFERRED;
        }
        return switch (bits) {
            case "128", "256", "512" -> VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.parseInt(bits)));
            default ->
                throw new StampException("-D" + PROPERTY + " is '" + bits + "'; give 128, 256 or 512, or omit it.");
        };
    }
}
