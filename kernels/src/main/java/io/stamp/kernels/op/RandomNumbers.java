package io.stamp.kernels.op;

import io.stamp.engine.op.Uniform;
import io.stamp.kernels.device.DeviceFloats;

/** Random numbers from counters: random.cu. */
public final class RandomNumbers {
    private RandomNumbers() {}

    public static void uniform(Uniform op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        context.stream()
                .launch("uniform")
                .pointer(in.length == 0 ? 0 : in[0].address())
                .pointer(out)
                .integer(out.size())
                .longInteger(op.seed())
                .integer(op.stream())
                .integer(op.draw())
                .over(Packs.covering(out.size()));
    }
}
