package io.stamp.engine.nn;

import io.stamp.engine.Shape;
import io.stamp.engine.random.RandomStream;
import java.util.Arrays;

/** A declared parameter: its name, shape and how its first value is drawn. */
public record ParameterSpec(String name, Shape shape, Initial initial) {
    /** How a parameter starts. */
    public sealed interface Initial {
        /** Every element the same. */
        record Constant(double value) implements Initial {}

        /** Normal with mean 0 and standard deviation {@code sqrt(2 / fanIn)} (He et al., arXiv 1502.01852, eq. 10). */
        record HeNormal(int fanIn) implements Initial {}

        /** Uniform in (-1, 1) times {@code 1 / sqrt(fanIn)}. */
        record UniformFanIn(int fanIn) implements Initial {}

        /** Batch-norm moments {@code [2,C]} before any batch was seen: mean 0, variance 1. */
        record UnitMoments() implements Initial {}

        /** Normal with mean 0 and that standard deviation. */
        record Normal(double deviation) implements Initial {}
    }

    /** The random stream of a parameter follows from its name, so that adding a layer changes no other one. */
    int stream() {
        return name.hashCode();
    }

    /** The first values, row-major. */
    public float[] draw(long seed) {
        RandomStream random = new RandomStream(seed, stream());
        float[] values = new float[shape.length()];
        switch (initial) {
            case Initial.Constant constant -> Arrays.fill(values, (float) constant.value);
            case Initial.HeNormal he -> fillNormal(values, random, Math.sqrt(2.0 / he.fanIn));
            case Initial.UnitMoments moments -> Arrays.fill(values, values.length / 2, values.length, 1);
            case Initial.Normal normal -> fillNormal(values, random, normal.deviation);
            case Initial.UniformFanIn uniform -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) ((2 * random.nextUniform() - 1) / Math.sqrt(uniform.fanIn));
                }
            }
        }
        return values;
    }

    private static void fillNormal(float[] values, RandomStream random, double deviation) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
    }
}
