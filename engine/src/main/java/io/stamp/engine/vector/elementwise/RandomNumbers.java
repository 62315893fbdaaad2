package io.stamp.engine.vector.elementwise;

import io.stamp.engine.op.Uniform;
import io.stamp.engine.random.DrawCounter;
import io.stamp.engine.random.Philox;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;

/** Random numbers from counters, so that any range can be made by itself. */
public final class RandomNumbers {
    private RandomNumbers() {}

    public static void uniform(Uniform op, Floats[] in, Floats out, Workers workers) {
        int counted = in.length == 0 ? 0 : DrawCounter.draw(in[0].data()[0], in[0].data()[1]);
        int draw = op.draw() + counted;
        Ranges.run(out.size(), workers, (from, to) -> {
            int[] bits = new int[Philox.LANES];
            for (int i = from; i < to; i++) {
                int lane = i % Philox.LANES;
                if (lane == 0) {
                    Philox.block(op.seed(), op.stream(), draw, i / Philox.LANES, bits);
                }
                out.data()[i] = Philox.uniform(bits[lane]);
            }
        });
    }
}
