package io.stamp.kernels.device;

import io.stamp.engine.Shape;

/** An operand of a kernel: a shape and its float32 values on the device, row-major. */
public record DeviceFloats(Shape shape, DeviceBuffer buffer) {
    /** The device address of the first value. */
    public long address() {
        return buffer.address();
    }

    /** Number of elements. */
    public int size() {
        return (int) shape.size();
    }
}
