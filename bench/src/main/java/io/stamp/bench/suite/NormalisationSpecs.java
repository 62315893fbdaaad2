package io.stamp.bench.suite;

import static io.stamp.bench.suite.Domain.NORMAL;
import static io.stamp.bench.suite.Domain.POSITIVE;
import static io.stamp.bench.suite.OpSpecs.IMAGES;

import io.stamp.engine.Tensor;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.Moments;
import java.util.List;
import java.util.stream.Stream;

/** The specs of batch normalisation, of its moments and of its gradient kernels. */
final class NormalisationSpecs {
    /** Rows of channels: few, many, around the lanes, more than one task's share. */
    static final String[] CHANNELS = {
        "1,1",
        "3,1",
        "5,3",
        "17,7",
        "2,3,3,13",
        "2,5,5,16",
        "3,4,4,17",
        "2,3,2,31",
        "2,2,2,64",
        "3,131",
        "131,7,7,13",
        "40,31,31,3"
    };

    /** With a shape whose sums on a device are left by so many blocks that groups of blocks add them. */
    static final String[] SUMMED_CHANNELS =
            Stream.concat(Stream.of(CHANNELS), Stream.of("17,4,4,510")).toArray(String[]::new);

    private NormalisationSpecs() {}

    static List<OpSpec> all() {
        BatchNorm plain = new BatchNorm(1e-5, false, true);
        BatchNorm relu = new BatchNorm(1e-5, true, true);
        String[] several = {
            "5,3",
            "17,7",
            "2,3,3,13",
            "2,5,5,16",
            "3,4,4,17",
            "2,3,2,31",
            "2,2,2,64",
            "3,131",
            "131,7,7,13",
            "40,31,31,3"
        };
        return List.of(
                OpSpec.of(Moments.class, "", (b, t) -> Moments.of(t[0]), SUMMED_CHANNELS)
                        .timedOn(IMAGES),
                OpSpec.of(Moments.class, "far from 0", (b, t) -> Moments.of(t[0].plus(1000)), CHANNELS)
                        .within(5e-4),
                OpSpec.of(BatchNorm.class, "by batch", (b, t) -> byBatch(t, false), affine(several))
                        .within(1e-5),
                OpSpec.of(BatchNorm.class, "by batch, relu", (b, t) -> byBatch(t, true), affine(several))
                        .within(1e-5)
                        .timedOn(affine(IMAGES)),
                OpSpec.of(
                                BatchNorm.class,
                                "by constants",
                                (b, t) -> BatchNorm.byConstants(t[0], t[1], t[2], t[3], 1e-5, false),
                                withMoments(CHANNELS))
                        .in(NORMAL, NORMAL, NORMAL, POSITIVE)
                        .wrt(3)
                        .timedOn(withMoments(IMAGES)),
                OpSpec.of(
                                BatchNorm.class,
                                "by constants, relu",
                                (b, t) -> BatchNorm.byConstants(t[0], t[1], t[2], t[3], 1e-5, true),
                                withMoments(CHANNELS))
                        .in(NORMAL, NORMAL, NORMAL, POSITIVE)
                        .wrt(3)
                        .timedOn(withMoments(IMAGES)),
                sums("", plain),
                sums("relu", relu),
                inputGradient("", plain),
                inputGradient("relu", relu),
                inputGradient("constants, relu", new BatchNorm(1e-5, true, false)));
    }

    private static Tensor byBatch(Tensor[] t, boolean relu) {
        return BatchNorm.byBatch(t[0], t[1], t[2], Moments.of(t[0].detach()), 1e-5, relu);
    }

    /** The shapes of x, scale and shift. */
    private static String[] affine(String... x) {
        return Stream.of(x).map(NormalisationSpecs::affine).toArray(String[]::new);
    }

    private static String affine(String x) {
        String channels = x.substring(x.lastIndexOf(',') + 1);
        return x + ";" + channels + ";" + channels;
    }

    private static String[] withMoments(String... x) {
        return Stream.of(x).map(NormalisationSpecs::withMoments).toArray(String[]::new);
    }

    private static String withMoments(String x) {
        return affine(x) + ";2," + x.substring(x.lastIndexOf(',') + 1);
    }

    /** The shapes of output gradient, x, scale, shift and moments. */
    private static String[] gradientOf(String... x) {
        return Stream.of(x).map(shape -> shape + ";" + withMoments(shape)).toArray(String[]::new);
    }

    private static String[] gradientWithSums(String... x) {
        return Stream.of(x)
                .map(shape -> shape + ";" + withMoments(shape) + ";2," + shape.substring(shape.lastIndexOf(',') + 1))
                .toArray(String[]::new);
    }

    private static OpSpec sums(String name, BatchNorm forward) {
        return OpSpec.of(
                        BatchNormSums.class,
                        name,
                        (b, t) -> Tensor.apply(new BatchNormSums(forward), t),
                        gradientOf(CHANNELS))
                .in(NORMAL, NORMAL, POSITIVE, NORMAL, POSITIVE)
                .wrt(0)
                .within(4e-6)
                .timedOn(gradientOf(IMAGES)[0]);
    }

    private static OpSpec inputGradient(String name, BatchNorm forward) {
        return OpSpec.of(
                        BatchNormInputGradient.class,
                        name,
                        (b, t) -> Tensor.apply(new BatchNormInputGradient(forward), t),
                        gradientWithSums(CHANNELS))
                .in(NORMAL, NORMAL, POSITIVE, NORMAL, POSITIVE, NORMAL)
                .wrt(0)
                .within(4e-6)
                .timedOn(gradientWithSums(IMAGES)[0]);
    }
}
