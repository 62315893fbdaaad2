package io.stamp.kernels.device;

/** A piece of device memory from the pool of its backend, aligned to 256 bytes. */
public final class DeviceBuffer {
    private final long address;
    private final long bytes;

    DeviceBuffer(long address, long bytes) {
        this.address = address;
        this.bytes = bytes;
    }

    /** The device address of the first byte. */
    public long address() {
        return address;
    }

    /** Usable bytes, at least as many as were asked for. */
    public long bytes() {
        return bytes;
    }
}
