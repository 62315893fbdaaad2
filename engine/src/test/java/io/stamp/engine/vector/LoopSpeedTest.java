package io.stamp.engine.vector;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Update;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.MaxUnpool;
import io.stamp.engine.op.Moments;
import io.stamp.engine.op.Multiply;
import io.stamp.engine.op.Power;
import io.stamp.engine.op.RangeMask;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.ReluMask;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.engine.vector.elementwise.Broadcasting;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.elementwise.Mapping;
import io.stamp.engine.vector.elementwise.OptimiserSteps;
import io.stamp.engine.vector.reduction.BatchNormalisation;
import io.stamp.engine.vector.reduction.Pooling;
import io.stamp.engine.vector.reduction.Sums;
import io.stamp.engine.vector.runtime.Filled;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.SpeedGuard;
import io.stamp.engine.vector.runtime.Workers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loops over whole tensors, for which memory is the limit; see {@link SpeedGuard}. */
@Tag("timing")
class LoopSpeedTest {
    private static final double FRACTION = 0.05;

    /** Compares and blends every element of a window, under masks. */
    private static final double POOLING_FRACTION = 0.015;

    /** Does more than one pass, or more than a few operations for an element. */
    private static final double SLOWER_FRACTION = 0.02;

    private static final int IMAGES = 2;
    private static final int SIDE = 16;

    /** A whole vector or two, and one that leaves the last vector of a pixel half empty. */
    private static final List<Integer> CHANNELS = List.of(32, 37);

    private static final Workers WORKERS = new Workers(1);

    @ParameterizedTest
    @MethodSource({"normalisation", "epilogue", "pooling", "elementwise", "stretched", "steps"})
    void isFastAndAllocatesNothing(SpeedGuard kernel) {
        kernel.check();
    }

    private static Floats images(long seed, int channels) {
        return Filled.random(seed, IMAGES, SIDE, SIDE, channels);
    }

    /** An op whose result has so many axes; each input and the result count once. */
    private static <O extends Op> SpeedGuard op(String name, double fraction, Kernel<O> kernel, O op, Floats... in) {
        Shape shape = op.shape(Stream.of(in).map(Floats::shape).toList());
        Floats out = Filled.random(9, shape.toArray());
        double floats = out.size() + Stream.of(in).mapToDouble(Floats::size).sum();
        return SpeedGuard.memory(
                name, floats, fraction, SpeedGuard.BYTES_OF_AN_OP, () -> kernel.run(op, in, out, WORKERS));
    }

    static Stream<SpeedGuard> normalisation() {
        return CHANNELS.stream().flatMap(channels -> {
            Floats x = images(1, channels);
            Floats gradient = images(2, channels);
            Floats scale = Filled.random(3, channels);
            Floats shift = Filled.random(4, channels);
            Floats moments = Filled.positive(5, 2, channels);
            Floats sums = Filled.random(6, 2, channels);
            String name = " " + channels + " channels";
            Stream<SpeedGuard> passes = Stream.of(true, false).flatMap(relu -> {
                BatchNorm op = new BatchNorm(1e-5, relu, true);
                String which = name + (relu ? " relu" : "");
                return Stream.of(
                        op(
                                "forward" + which,
                                SLOWER_FRACTION,
                                BatchNormalisation::forward,
                                op,
                                x,
                                scale,
                                shift,
                                moments),
                        op(
                                "sums" + which,
                                SLOWER_FRACTION,
                                BatchNormalisation::sums,
                                new BatchNormSums(op),
                                gradient,
                                x,
                                scale,
                                shift,
                                moments),
                        op(
                                "input gradient" + which,
                                SLOWER_FRACTION,
                                BatchNormalisation::inputGradient,
                                new BatchNormInputGradient(op),
                                gradient,
                                x,
                                scale,
                                shift,
                                moments,
                                sums));
            });
            SpeedGuard first = op("moments" + name, SLOWER_FRACTION, BatchNormalisation::moments, new Moments(), x);
            return Stream.concat(Stream.of(first), passes);
        });
    }

    static Stream<SpeedGuard> epilogue() {
        return CHANNELS.stream().flatMap(channels -> {
            ConvGeometry g = new ConvGeometry(IMAGES, SIDE, SIDE, channels, channels, 3, 3, 1, 1, 1);
            float[] y = images(1, channels).data();
            float[] bias = Filled.random(2, channels).data();
            float[] residual = images(3, channels).data();
            return Stream.of(
                    epilogue("bias", 2, g, y, Epilogue.of(g, bias, null, true, new Workers(1))),
                    epilogue("bias and residual", 3, g, y, Epilogue.of(g, bias, residual, true, new Workers(1))));
        });
    }

    private static SpeedGuard epilogue(String name, int passes, ConvGeometry g, float[] y, Epilogue epilogue) {
        return SpeedGuard.memory(
                "epilogue " + g.outChannels() + " channels " + name,
                (double) passes * g.outputSize(),
                FRACTION,
                SpeedGuard.BYTES_OF_A_LOOP,
                () -> epilogue.apply(y, 0, g.outputSize()));
    }

    static Stream<SpeedGuard> pooling() {
        return CHANNELS.stream().flatMap(channels -> {
            Floats x = images(1, channels);
            Floats pooled = Filled.random(2, IMAGES, SIDE / 2, SIDE / 2, channels);
            String name = " " + channels + " channels";
            return Stream.of(
                    op("max pool" + name, POOLING_FRACTION, Pooling::pool, new MaxPool(2), x, x),
                    op("max unpool" + name, POOLING_FRACTION, Pooling::unpool, new MaxUnpool(2), pooled, x));
        });
    }

    static Stream<SpeedGuard> elementwise() {
        Floats x = images(1, 37);
        Floats y = images(2, 37);
        Floats positive = Filled.positive(3, x.size());
        return Stream.of(
                op("add", FRACTION, Broadcasting::add, new Add(), x, y),
                op("multiply", FRACTION, Broadcasting::multiply, new Multiply(), x, y),
                op("ReLU mask", FRACTION, Broadcasting::reluMask, new ReluMask(), x, y),
                op("range mask", FRACTION, Broadcasting::rangeMask, new RangeMask(-0.5, 0.5), x, y),
                op("relu", FRACTION, Mapping::relu, new Relu(), x),
                op("affine", FRACTION, Mapping::affine, new Affine(2, 1), x),
                op("clip", FRACTION, Mapping::clip, new Clip(-0.5, 0.5), x),
                op("power", SLOWER_FRACTION, Mapping::power, new Power(-0.5), positive));
    }

    /** Operands of fewer elements than the result, and sums of more. */
    static Stream<SpeedGuard> stretched() {
        Floats x = images(1, 37);
        Floats perChannel = Filled.random(2, 37);
        Floats perImage = Filled.random(3, IMAGES, 1, 1, 37);
        Floats perPixel = Filled.random(4, IMAGES, SIDE, SIDE, 1);
        return Stream.of(
                op("add per channel", FRACTION, Broadcasting::add, new Add(), x, perChannel),
                op("multiply per image", FRACTION, Broadcasting::multiply, new Multiply(), x, perImage),
                op("multiply per pixel", SLOWER_FRACTION, Broadcasting::multiply, new Multiply(), x, perPixel),
                op("broadcast", FRACTION, Broadcasting::broadcastTo, new BroadcastTo(x.shape()), perChannel),
                op("sum per channel", FRACTION, Sums::sumTo, new SumTo(perChannel.shape()), x),
                op("sum per image", FRACTION, Sums::sumTo, new SumTo(perImage.shape()), x),
                op("sum of all", FRACTION, Sums::sumTo, new SumTo(Shape.of()), x));
    }

    static Stream<SpeedGuard> steps() {
        int size = 20_011;
        Floats parameter = Filled.random(1, size);
        Floats first = Filled.random(2, size);
        Floats second = Filled.positive(3, size);
        Floats gradient = Filled.random(4, size);
        Floats rate = Filled.random(5, 1);
        rate.data()[0] = 1e-9f;
        Floats factors = Filled.random(6, 2);
        factors.data()[0] = 1e-9f;
        factors.data()[1] = 1;
        return Stream.of(
                update("sgd", OptimiserSteps::sgd, new SgdStep(0.9, 5e-4, true), parameter, first, gradient, rate),
                update(
                        "adam",
                        OptimiserSteps::adam,
                        new AdamStep(0.9, 0.999, 1e-8),
                        parameter,
                        first,
                        second,
                        gradient,
                        factors),
                update("moving average", OptimiserSteps::movingAverage, new MovingAverage(0.1), first, gradient));
    }

    private static <U extends Update> SpeedGuard update(
            String name, UpdateKernel<U> kernel, U update, Floats... tensors) {
        double reads = Stream.of(tensors).mapToDouble(Floats::size).sum();
        double writes = (double) update.mutated() * tensors[0].size();
        return SpeedGuard.memory(
                name, reads + writes, FRACTION, SpeedGuard.BYTES_OF_AN_OP, () -> kernel.run(update, tensors, WORKERS));
    }
}
