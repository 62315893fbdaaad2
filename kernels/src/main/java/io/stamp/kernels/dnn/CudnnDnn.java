package io.stamp.kernels.dnn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.kernels.Precision;
import io.stamp.kernels.bind.Cudnn;
import io.stamp.kernels.bind.CudnnConvolution;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.Opened;
import io.stamp.kernels.device.Queue;
import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The convolution calls of cuDNN 9, through FFM. They are older than cuDNN's graph interface, take few arguments and are still there.
 * They know no products of bfloat16 on float32 arrays; in that precision they compute in TF32, which is more accurate.
 */
public final class CudnnDnn implements Dnn {
    private static final int VERSION = 9;
    private static final int DEFAULT_MATH = 0;
    private static final int FMA_MATH = 3;

    private final Queue queue;
    private final Opened opened = new Opened();
    private final long one;
    private final long zero;
    private final long handle;
    private final int math;
    private final String description;
    private final Map<ConvDirection, Map<ConvGeometry, ConvChoice>> choices = new EnumMap<>(ConvDirection.class);

    /** @throws StampException if cuDNN is missing or of another version */
    public CudnnDnn(Queue queue) {
        this.queue = queue;
        for (ConvDirection direction : ConvDirection.values()) {
            choices.put(direction, new HashMap<>());
        }
        try {
            Arena arena = Arena.ofShared();
            opened.add(arena::close);
            one = arena.allocateFrom(JAVA_FLOAT, 1).address();
            zero = arena.allocateFrom(JAVA_FLOAT, 0).address();
            long version = LibraryVersions.cudnnNumber();
            requireKnown(version);
            handle = Cudnn.create();
            opened.add(() -> Cudnn.destroy(handle));
            opened.add(this::destroyDescriptors);
            Cudnn.setStream(handle, queue.stream());
            Precision used = queue.precision() == Precision.STRICT ? Precision.STRICT : Precision.TF32;
            math = used == Precision.STRICT ? FMA_MATH : DEFAULT_MATH;
            description = "cuDNN " + LibraryVersions.triple(version) + " (ffm, "
                    + used.name().toLowerCase(Locale.ROOT) + ")";
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    private static void requireKnown(long version) {
        if (version / 10000 != VERSION) {
            throw new StampException("cuDNN is of version " + LibraryVersions.triple(version)
                    + ", and STAMP needs version 9; see `doctor` for where it came from.");
        }
    }

    private void destroyDescriptors() {
        choices.forEach((direction, known) -> known.values().forEach(choice -> choice.destroyDescriptors(direction)));
    }

    private ConvChoice choice(ConvGeometry geometry, ConvDirection direction) {
        Map<ConvGeometry, ConvChoice> known = choices.get(direction);
        ConvChoice choice = known.get(geometry);
        if (choice == null) {
            choice = ConvChoice.make(handle, geometry, direction, math);
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
        run(CudnnConvolution.FORWARD, geometry, ConvDirection.FORWARD, input, weights, output);
    }

    @Override
    public void inputGradient(ConvGeometry geometry, long gradient, long weights, long inputGradient) {
        run(CudnnConvolution.BACKWARD_DATA, geometry, ConvDirection.INPUT_GRADIENT, weights, gradient, inputGradient);
    }

    @Override
    public void weightGradient(ConvGeometry geometry, long input, long gradient, long weightGradient) {
        run(CudnnConvolution.BACKWARD_FILTER, geometry, ConvDirection.WEIGHT_GRADIENT, input, gradient, weightGradient);
    }

    private void run(
            CudnnConvolution call,
            ConvGeometry geometry,
            ConvDirection direction,
            long first,
            long second,
            long result) {
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
        call.run(handle, choice.descriptors(), choice.algorithm(), one, first, second, workspace, bytes, zero, result);
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
