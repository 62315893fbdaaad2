package io.stamp.bench.suite;

import io.stamp.engine.Shape;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.Pad;
import io.stamp.engine.op.Reshape;
import io.stamp.engine.op.Scatter;
import io.stamp.engine.op.Slice;
import io.stamp.engine.op.Transpose;
import java.util.List;

/** The specs of ops that move values to other places: no arithmetic, any shape. */
final class ShapingSpecs {
    private ShapingSpecs() {}

    static List<OpSpec> all() {
        int[] picked = {2, 0, 2, 1};
        return List.of(
                OpSpec.of(
                        Reshape.class,
                        "",
                        (b, t) -> Reshape.of(t[0], Shape.of((int) t[0].shape().size())),
                        OpSpecs.FLAT),
                OpSpec.of(
                                BroadcastTo.class,
                                "",
                                (b, t) -> BroadcastTo.of(t[0], t[1].shape()),
                                "();()",
                                "();7",
                                "1;5",
                                "3;2,3",
                                "1,3;17,3",
                                "2,1;2,33",
                                "2,1,1,13;2,3,4,13",
                                "1,7,1;3,7,5",
                                "31;1500,31")
                        .wrt(1)
                        .timedOn("16;" + OpSpecs.IMAGES),
                OpSpec.of(
                                Transpose.class,
                                "matrix",
                                (b, t) -> Transpose.of(t[0], 1, 0),
                                "1,1",
                                "3,5",
                                "17,31",
                                "257,131")
                        .timedOn("1024,1024"),
                OpSpec.of(
                                Transpose.class,
                                "heads",
                                (b, t) -> Transpose.of(t[0], 0, 2, 1, 3),
                                "1,1,1,1",
                                "2,3,5,7",
                                "3,17,4,16")
                        .timedOn("64,64,4,16"),
                OpSpec.of(
                                Transpose.class,
                                "channels first",
                                (b, t) -> Transpose.of(t[0], 0, 3, 1, 2),
                                "2,3,5,7",
                                "3,5,5,17")
                        .timedOn(OpSpecs.IMAGES),
                OpSpec.of(
                                Concat.class,
                                "last",
                                (b, t) -> Concat.of(-1, t),
                                "3;5",
                                "2,3;2,1;2,4",
                                "2,3,3,13;2,3,3,16",
                                "700,31;700,17")
                        .timedOn(OpSpecs.IMAGES + ";" + OpSpecs.IMAGES),
                OpSpec.of(Concat.class, "first", (b, t) -> Concat.of(0, t), "3;5", "2,7;1,7", "1,3,13;4,3,13"),
                OpSpec.of(
                                Slice.class,
                                "last",
                                (b, t) -> Slice.of(t[0], t[0].shape().rank() - 1, 1, 3),
                                "3",
                                "7",
                                "2,5",
                                "2,3,3,13",
                                "20011,4")
                        .timedOn("64,32,32,32"),
                OpSpec.of(Slice.class, "first", (b, t) -> Slice.of(t[0], 0, 0, 1), "1", "3,7", "2,16"),
                OpSpec.of(
                                Pad.class,
                                "last",
                                (b, t) -> Pad.of(t[0], t[0].shape().rank() - 1, 1, 2),
                                "1",
                                "7",
                                "2,5",
                                "3,3,3,13",
                                "20011,3")
                        .timedOn(OpSpecs.IMAGES),
                OpSpec.of(Pad.class, "first", (b, t) -> Pad.of(t[0], 0, 2, 1), "1", "3,7", "2,16"),
                OpSpec.of(
                                Gather.class,
                                "last",
                                (b, t) -> Gather.of(t[0], t[0].shape().rank() - 1, picked),
                                "3",
                                "2,5",
                                "2,3,3,13",
                                "10007,7")
                        .timedOn(OpSpecs.IMAGES),
                OpSpec.of(Gather.class, "first", (b, t) -> Gather.of(t[0], 0, picked), "3", "3,7", "5,2,16"),
                OpSpec.of(
                                Scatter.class,
                                "last",
                                (b, t) -> Scatter.of(t[0], t[0].shape().rank() - 1, picked, 5),
                                "4",
                                "3,4",
                                "2,3,3,4",
                                "10007,4")
                        .timedOn("64,32,32,4"),
                OpSpec.of(Scatter.class, "first", (b, t) -> Scatter.of(t[0], 0, picked, 3), "4", "4,7", "4,2,17"));
    }
}
