package io.stamp.kernels.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a stream needs while it is captured: scratch memory comes from the graph's own pool, and values from the host become constants of
 * the graph, filled when the capture has ended. A constant must not come from the graph's pool: the place could be one that an earlier
 * op of the same graph has used for something else, and uses so again at each launch.
 */
final class Capture {
    private final DevicePool graphPool;
    private final DevicePool constantPool;
    private final Upload upload;
    private final List<DeviceBuffer> constants = new ArrayList<>();
    private final List<Runnable> fills = new ArrayList<>();

    /**
     * @param graphPool what the graph alone uses
     * @param constantPool memory that the graph does not use otherwise
     */
    Capture(DevicePool graphPool, DevicePool constantPool, Upload upload) {
        this.graphPool = graphPool;
        this.constantPool = constantPool;
        this.upload = upload;
    }

    DevicePool graphPool() {
        return graphPool;
    }

    /** The address of a constant. */
    long constant(int[] values) {
        long address = place(values.length);
        int[] copy = values.clone();
        fills.add(() -> upload.write(address, copy));
        return address;
    }

    /** As above for a part of an array. */
    long constant(float[] values, int offset, int count) {
        long address = place(count);
        float[] copy = Arrays.copyOfRange(values, offset, offset + count);
        fills.add(() -> upload.write(address, copy, 0, count));
        return address;
    }

    /** As above, rounded to float32. */
    long constant(double[] values) {
        long address = place(values.length);
        double[] copy = values.clone();
        fills.add(() -> upload.write(address, copy));
        return address;
    }

    private long place(int values) {
        DeviceBuffer place = constantPool.allocate((long) values * Float.BYTES, "a constant of a graph");
        constants.add(place);
        return place.address();
    }

    /** Lets go of the constants, which no graph uses any more. */
    void freeConstants() {
        constants.forEach(constantPool::free);
        constants.clear();
    }

    /** Writes the constants; the stream is not captured any more. */
    void fillConstants() {
        fills.forEach(Runnable::run);
        fills.clear();
    }
}
