package io.stamp.bench.suite;

import static io.stamp.bench.suite.Domain.AWAY_FROM_KINKS;
import static io.stamp.bench.suite.Domain.DISTINCT;
import static io.stamp.bench.suite.Domain.NEGATIVE;
import static io.stamp.bench.suite.Domain.NORMAL;
import static io.stamp.bench.suite.Domain.POSITIVE;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.op.Log;
import io.stamp.engine.op.Log1mExp;
import io.stamp.engine.op.LogBeta;
import io.stamp.engine.op.LogGamma;
import io.stamp.engine.op.LogSoftmax;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.MaxUnpool;
import io.stamp.engine.op.Multiply;
import io.stamp.engine.op.Polygamma;
import io.stamp.engine.op.Power;
import io.stamp.engine.op.RangeMask;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.ReluMask;
import io.stamp.engine.op.Sigmoid;
import io.stamp.engine.op.Softplus;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.op.Uniform;
import io.stamp.engine.random.DrawCounter;
import java.util.List;
import java.util.stream.Stream;

/** The specs of all ops. A new op gets its line here; a test fails until it has one. */
public final class OpSpecs {
    /** Sizes around the lanes of all vector lengths, primes, and more than one task's share. */
    static final String[] FLAT = {"()", "1", "3", "7", "8", "9", "15", "16", "17", "31", "33", "2,3,5,13", "32771"};

    private static final String[] PAIRS = {
        "();()",
        "1;1",
        "7;7",
        "17;17",
        "5;()",
        "();5",
        "2,3,5;5",
        "2,3,5;1",
        "2,3,1;2,3,5",
        "5;2,3,5",
        "2,1,1,3;2,4,5,3",
        "2,4,5,3;2,1,1,3",
        "3,1;1,7",
        "2,1,3,1;1,5,1,7",
        "4,17;17",
        "3,31;3,1",
        "2,2,2,2,3;2,1,2,1,3",
        "131,7,7,13;13",
        "32771;32771",
        "5,7001;5,1",
        "3,1,1,33;3,50,7,33"
    };

    static final String IMAGES = "64,32,32,16";

    private OpSpecs() {}

    public static List<OpSpec> all() {
        return Stream.of(
                        unary(),
                        binary(),
                        ShapingSpecs.all(),
                        reductions(),
                        gemms(),
                        convolutions(),
                        NormalisationSpecs.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Every case of every spec. */
    public static List<OpSpec.Case> cases() {
        return all().stream()
                .flatMap(spec -> spec.cases().stream().map(shapes -> new OpSpec.Case(spec, shapes)))
                .toList();
    }

    private static OpSpec unary(Class<? extends io.stamp.engine.Op> type, String name, OpSpec.Builder builder) {
        return OpSpec.of(type, name, builder, FLAT).timedOn(IMAGES);
    }

    private static List<OpSpec> unary() {
        return List.of(
                unary(Relu.class, "", (b, t) -> Relu.of(t[0])).in(AWAY_FROM_KINKS),
                unary(Affine.class, "", (b, t) -> Affine.of(t[0], -1.5, 0.25)),
                unary(Clip.class, "", (b, t) -> Clip.of(t[0], 0, 1)).in(AWAY_FROM_KINKS),
                unary(Power.class, "-1", (b, t) -> Power.of(t[0], -1)).in(POSITIVE),
                unary(Power.class, "-0.5", (b, t) -> Power.of(t[0], -0.5)).in(POSITIVE),
                unary(Power.class, "0.5", (b, t) -> Power.of(t[0], 0.5)).in(POSITIVE),
                unary(Power.class, "2", (b, t) -> Power.of(t[0], 2)),
                unary(Power.class, "3", (b, t) -> Power.of(t[0], 3)),
                unary(Power.class, "0.3", (b, t) -> Power.of(t[0], 0.3)).in(POSITIVE),
                unary(Exp.class, "", (b, t) -> Exp.of(t[0])),
                unary(Log.class, "", (b, t) -> Log.of(t[0])).in(POSITIVE),
                unary(Sigmoid.class, "", (b, t) -> Sigmoid.of(t[0])),
                unary(Softplus.class, "", (b, t) -> Softplus.of(t[0])),
                unary(Log1mExp.class, "", (b, t) -> Log1mExp.of(t[0])).in(NEGATIVE),
                unary(LogGamma.class, "", (b, t) -> LogGamma.of(t[0])).in(POSITIVE),
                unary(Polygamma.class, "0", (b, t) -> Polygamma.of(t[0], 0)).in(POSITIVE),
                unary(Polygamma.class, "1", (b, t) -> Polygamma.of(t[0], 1)).in(POSITIVE));
    }

    private static List<OpSpec> binary() {
        return List.of(
                OpSpec.of(Add.class, "", (b, t) -> Add.of(t[0], t[1]), PAIRS).timedOn(IMAGES + ";" + IMAGES),
                OpSpec.of(Multiply.class, "", (b, t) -> Multiply.of(t[0], t[1]), PAIRS)
                        .timedOn(IMAGES + ";64,1,1,16"),
                OpSpec.of(ReluMask.class, "", (b, t) -> ReluMask.of(t[0], t[1]), PAIRS)
                        .in(NORMAL, AWAY_FROM_KINKS)
                        .timedOn(IMAGES + ";" + IMAGES),
                OpSpec.of(RangeMask.class, "", (b, t) -> RangeMask.of(t[0], t[1], 0, 1), PAIRS)
                        .in(NORMAL, AWAY_FROM_KINKS)
                        .timedOn(IMAGES + ";" + IMAGES),
                OpSpec.of(LogBeta.class, "0,0", (b, t) -> LogBeta.of(t[0], t[1], 0, 0), PAIRS)
                        .in(POSITIVE)
                        .timedOn("64,64;64"),
                OpSpec.of(LogBeta.class, "1,0", (b, t) -> LogBeta.of(t[0], t[1], 1, 0), PAIRS)
                        .in(POSITIVE));
    }

    private static OpSpec sum(String name, OpSpec.Builder builder, String... cases) {
        return OpSpec.of(SumTo.class, name, builder, cases).timedOn(IMAGES);
    }

    private static List<OpSpec> reductions() {
        return List.of(
                sum("all", (b, t) -> t[0].sum(), FLAT),
                sum(
                        "to channels",
                        (b, t) -> SumTo.of(t[0], Shape.of(t[0].shape().dim(-1))),
                        NormalisationSpecs.SUMMED_CHANNELS),
                sum(
                        "over pixels",
                        (b, t) -> t[0].sum(1, 2),
                        "1,1,1,1",
                        "2,3,3,13",
                        "3,5,5,16",
                        "2,4,7,31",
                        "2,131,127,3",
                        "67,8,8,64"),
                sum("last", (b, t) -> t[0].sum(-1), "1", "7", "5,3", "3,17", "2,3,131", "2,40009", "4001,10"),
                sum("first", (b, t) -> t[0].sum(0), "3", "5,7", "33,17", "7,4099", "3,2,2500"),
                sum("first and third", (b, t) -> t[0].sum(0, 2), "2,3,5", "3,5,7,2", "2,17,31,3", "31,5,300,7"),
                sum(
                        "kept axis of one",
                        (b, t) -> SumTo.of(t[0], Shape.of(1, t[0].shape().dim(-1))),
                        "3,7",
                        "2,5,13"),
                OpSpec.of(
                                LogSoftmax.class,
                                "",
                                (b, t) -> LogSoftmax.of(t[0]),
                                "1",
                                "3",
                                "2,1",
                                "5,7",
                                "3,10",
                                "2,3,17",
                                "331,100")
                        .timedOn("4096,100"));
    }

    private static List<OpSpec> gemms() {
        String[] plain = {
            "1,1;1,1", "3,5;5,7", "7,3;3,1", "17,16;16,15", "14,31;31,33", "2,3,5;2,5,7", "4,17,9;4,9,3", "131,67;67,71"
        };
        String[] left = {"1,1;1,1", "5,3;5,7", "31,14;31,33", "2,5,3;2,5,7", "67,131;67,71"};
        String[] right = {"1,1;1,1", "3,5;7,5", "14,31;33,31", "2,3,5;2,7,5", "131,67;71,67"};
        String[] both = {"1,1;1,1", "5,3;7,5", "31,14;33,31", "2,5,3;2,7,5"};
        return List.of(
                OpSpec.of(MatMul.class, "", (b, t) -> t[0].matmul(t[1]), plain).timedOn("512,512;512,512"),
                OpSpec.of(MatMul.class, "left transposed", (b, t) -> MatMul.of(t[0], t[1], true, false), left)
                        .timedOn("512,512;512,512"),
                OpSpec.of(MatMul.class, "right transposed", (b, t) -> MatMul.of(t[0], t[1], false, true), right)
                        .timedOn("64,64,64;64,64,64"),
                OpSpec.of(MatMul.class, "both transposed", (b, t) -> MatMul.of(t[0], t[1], true, true), both),
                OpSpec.of(Uniform.class, "", (b, t) -> Uniform.of(b, Shape.of(3, 17), 7, 2, 5), ""),
                OpSpec.of(Uniform.class, "counted", (b, t) -> counted(b), ""),
                OpSpec.of(Uniform.class, "several tasks", (b, t) -> Uniform.of(b, Shape.of(70001), 7, 2, 5), "")
                        .timedOn(""));
    }

    /** A draw number of which both halves and the sign matter. */
    private static Tensor counted(Backend backend) {
        return Uniform.of(new DrawCounter(backend, 0x8001_FFFF), Shape.of(3, 17), 7, 2, 5);
    }

    private static ConvGeometry convolution(Tensor x, Tensor weights, int stride, int groups) {
        return Conv2d.geometry(
                x.shape(), weights.shape(), stride, weights.shape().dim(1) / 2, groups);
    }

    private static OpSpec conv(String name, int stride, int groups, String... cases) {
        return OpSpec.of(
                Conv2d.class,
                name,
                (b, t) -> Tensor.apply(new Conv2d(convolution(t[0], t[1], stride, groups)), t[0], t[1]),
                cases);
    }

    /** Depthwise where the weights see one channel each. */
    private static OpSpec fused(String name, boolean relu, int stride, String... cases) {
        return OpSpec.of(
                        FusedConv2d.class,
                        name,
                        (b, t) -> Tensor.apply(
                                new FusedConv2d(
                                        convolution(
                                                t[0],
                                                t[1],
                                                stride,
                                                t[0].shape().dim(3)
                                                        / t[1].shape().dim(3)),
                                        relu),
                                t),
                        cases)
                .wrt(0);
    }

    private static List<OpSpec> convolutions() {
        ConvGeometry gradients = new ConvGeometry(2, 7, 5, 6, 4, 3, 3, 2, 1, 2);
        String[] pools = {"1,2,2,1", "2,4,6,3", "1,2,4,16", "2,4,4,17", "2,2,2,33", "9,64,32,7"};
        return List.of(
                conv(
                                "3x3",
                                1,
                                1,
                                "1,1,1,1;1,3,3,1",
                                "2,5,4,3;7,3,3,3",
                                "1,7,7,13;17,3,3,13",
                                "2,4,5,16;15,3,3,16",
                                "3,9,9,31;33,3,3,31",
                                "2,3,16,5;6,3,3,5",
                                "1,4,32,16;32,3,3,16",
                                "2,9,10,33;34,3,3,33",
                                "3,4,4,70;32,3,3,70",
                                "2,28,28,1;16,3,3,1",
                                "3,13,26,1;5,3,3,1")
                        .timedOn(IMAGES + ";16,3,3,16"),
                conv("3x3 by 2", 2, 1, "2,5,4,3;7,3,3,3", "1,8,8,17;16,3,3,17", "2,7,7,5;3,3,3,5", "2,9,14,1;7,3,3,1")
                        .timedOn(IMAGES + ";32,3,3,16"),
                conv("1x1", 1, 1, "2,3,3,7;5,1,1,7", "2,5,5,16;33,1,1,16").timedOn("64,16,16,64;64,1,1,64"),
                conv("1x1 by 2", 2, 1, "2,4,4,7;5,1,1,7", "1,7,5,17;3,1,1,17"),
                conv("grouped", 1, 2, "2,5,5,6;4,3,3,3", "1,4,4,34;10,3,3,17"),
                conv("depthwise", 1, 13, "2,5,5,13;13,3,3,1", "1,6,4,13;26,3,3,1")
                        .timedOn("64,16,16,13;13,3,3,1"),
                conv("depthwise by 2", 2, 17, "2,5,6,17;17,3,3,1"),
                fused("plain", false, 1, "2,5,4,3;7,3,3,3;7", "2,3,3,7;5,1,1,7;5", "2,4,4,6;6,3,3,1;6"),
                fused(
                        "relu",
                        true,
                        1,
                        "3,9,9,31;33,3,3,31;33",
                        "2,5,16,5;6,3,3,5;6",
                        "1,4,32,16;32,3,3,16;32",
                        "2,11,20,1;16,3,3,1;16"),
                fused("residual", false, 1, "2,3,5,3;3,3,3,3;3;2,3,5,3", "1,4,4,16;17,3,3,16;17;1,4,4,17"),
                fused(
                                "residual, relu",
                                true,
                                1,
                                "2,7,8,5;6,3,3,5;6;2,7,8,6",
                                "3,5,16,7;9,3,3,7;9;3,5,16,9",
                                "2,7,8,32;39,3,3,32;39;2,7,8,39")
                        .timedOn(IMAGES + ";16,3,3,16;16;" + IMAGES),
                fused("by 2", true, 2, "2,5,4,3;7,3,3,3;7", "1,16,16,17;16,3,3,17;16"),
                OpSpec.of(
                        Conv2dInputGradient.class,
                        "",
                        (b, t) -> Tensor.apply(new Conv2dInputGradient(gradients), t),
                        "2,4,3,4;4,3,3,3"),
                OpSpec.of(
                        Conv2dWeightGradient.class,
                        "",
                        (b, t) -> Tensor.apply(new Conv2dWeightGradient(gradients), t),
                        "2,7,5,6;2,4,3,4"),
                OpSpec.of(MaxPool.class, "2", (b, t) -> MaxPool.of(t[0], 2), pools)
                        .in(DISTINCT)
                        .timedOn("64,32,32,64"),
                OpSpec.of(MaxPool.class, "3", (b, t) -> MaxPool.of(t[0], 3), "1,3,3,1", "2,6,3,5")
                        .in(DISTINCT),
                OpSpec.of(
                                MaxUnpool.class,
                                "",
                                (b, t) -> Tensor.apply(new MaxUnpool(2), t),
                                "1,1,1,1;1,2,2,1",
                                "2,2,3,17;2,4,6,17")
                        .in(NORMAL, DISTINCT)
                        .timedOn("64,16,16,64;64,32,32,64"));
    }
}
