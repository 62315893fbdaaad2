package io.stamp.kernels.dnn;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.Precision;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.Opened;
import io.stamp.kernels.device.Queue;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The convolution calls of cuDNN 8 and 9. They are older than cuDNN's graph interface, take few arguments and are still there.
 * They know no products of bfloat16 on float32 arrays; in that precision they compute in TF32, which is more accurate.
 */
public final class CudnnDnn implements Dnn {
    private static final int DEFAULT_MATH = 0;
    private static final int FMA_MATH = 3;

    private final Queue queue;
    private final Opened opened = new Opened();
    private final CudnnCalls cudnn;
    private final long handle;
    private final int math;
    private final String description;
    private final Map<ConvDirection, Map<ConvGeometry, ConvChoice>> choices = new EnumMap<>(ConvDirection.class);

    /** @param cudnn the way to the library */
    public CudnnDnn(Queue queue, CudnnCalls cudnn) {
        this.queue = queue;
        this.cudnn = cudnn;
        for (ConvDirection direction : ConvDirection.values()) {
            choices.put(direction, new HashMap<>());
        }
        try {
            handle = cudnn.create();
            opened.add(() -> cudnn.destroy(handle));
            opened.add(this::destroyDescriptors);
            cudnn.setStream(handle, queue.stream());
            Precision used = queue.precision() == Precision.STRICT ? Precision.STRICT : Precision.TF32;
            math = used == Precision.STRICT ? FMA_MATH : DEFAULT_MATH;
            description = cudnn.description() + " (" + cudnn.way() + ", "
                    + used.name().toLowerCase(Locale.ROOT) + ")";
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    private void destroyDescriptors() {
        choices.forEach(
                (direction, known) -> known.values().forEach(choice -> choice.destroyDescriptors(cudnn, direction)));
    }

    private ConvChoice choice(ConvGeometry geometry, ConvDirection direction) {
        Map<ConvGeometry, ConvChoice> known = choices.get(direction);
        ConvChoice choice = known.get(geometry);
        if (choice == null) {
            choice = ConvChoice.make(cudnn, handle, geometry, direction, math);
            known.put(geometry, choice);
        }
        return choice;
    }

    @Override
    public Backend.Support supports(ConvGeometry geometry, ConvDirection direction) {
        return choice(geometry, direction).support();
    }

    @Override
    public void convolve(ConvGeometry geometry, long input, long weights, long output) {
        run(geometry, ConvDirection.FORWARD, input, weights, output);
    }

    @Override
    public void inputGradient(ConvGeometry geometry, long gradient, long weights, long inputGradient) {
        run(geometry, ConvDirection.INPUT_GRADIENT, weights, gradient, inputGradient);
    }

    @Override
    public void weightGradient(ConvGeometry geometry, long input, long gradient, long weightGradient) {
        run(geometry, ConvDirection.WEIGHT_GRADIENT, input, gradient, weightGradient);
    }

    private void run(ConvGeometry geometry, ConvDirection direction, long first, long second, long result) {
        ConvChoice choice = choice(geometry, direction);
        if (!choice.support().supported()) {
            throw new IllegalStateException(
                    geometry + ", " + direction + ": " + choice.support().reason() + " Ask supports() first.");
        }
        long bytes = choice.workspaceBytes();
        long workspace = 0;
        if (bytes > 0) {
            DeviceBuffer buffer = queue.scratch(bytes);
            workspace = buffer.address();
        }
        cudnn.run(direction, handle, choice.descriptors(), choice.algorithm(), first, second, workspace, bytes, result);
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void close() {
        opened.close();
    }
}
