package io.stamp.kernels.device;

import java.util.HashMap;
import java.util.Map;

/** Hands out addresses without memory behind them, up to a limit. */
final class FakeDevice implements SegmentSource {
    private final Map<Long, Long> segments = new HashMap<>();
    private final long capacity;
    private long next = 1L << 40;
    private long used;

    FakeDevice(long capacity) {
        this.capacity = capacity;
    }

    @Override
    public long allocate(long bytes) {
        if (used + bytes > capacity) {
            return 0;
        }
        long address = next;
        next += bytes + (1L << 21);
        used += bytes;
        segments.put(address, bytes);
        return address;
    }

    @Override
    public void free(long address) {
        used -= segments.remove(address);
    }

    @Override
    public long freeBytes() {
        return capacity - used;
    }

    long used() {
        return used;
    }

    /** Whether the range lies within one segment. */
    boolean owns(long address, long bytes) {
        return segments.entrySet().stream()
                .anyMatch(segment ->
                        segment.getKey() <= address && address + bytes <= segment.getKey() + segment.getValue());
    }
}
