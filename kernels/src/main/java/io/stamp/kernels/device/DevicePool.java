package io.stamp.kernels.device;

import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.List;

/**
 * Device memory that is kept for reuse. A freed piece may be given out again at once, because all work on it runs in the order of one
 * stream. Small and large pieces come from segments of their own, so that a small one that lives long does not split the memory of large
 * ones. What a captured graph uses comes from a pool of its own, which stays untouched until the graph is gone. Not thread-safe.
 */
public final class DevicePool implements AutoCloseable {
    private static final long SMALL_SEGMENT = 4L << 20;
    private static final long LARGE_SEGMENT = 64L << 20;
    private static final long LARGE = 1L << 20;

    private final SegmentSource source;
    private final List<DevicePool> siblings;
    private final BlockHeap small;
    private final BlockHeap large;
    private final boolean keepsSegments;

    private long liveBytes;

    private DevicePool(SegmentSource source, List<DevicePool> siblings, boolean keepsSegments) {
        this.source = source;
        this.siblings = siblings;
        this.keepsSegments = keepsSegments;
        this.small = new BlockHeap(source, SMALL_SEGMENT, SizeClasses.GRANULE);
        this.large = new BlockHeap(source, LARGE_SEGMENT, LARGE / 2);
        siblings.add(this);
    }

    /** The first pool of a device. */
    public static DevicePool of(SegmentSource source) {
        return new DevicePool(source, new ArrayList<>(), false);
    }

    /** A further pool of the same device, whose memory is its own; when the device is full, all of them let go of what they do not use. */
    public DevicePool sibling() {
        return new DevicePool(source, siblings, false);
    }

    /** As {@link #sibling}, but its memory stays its own until it closes, in use or not: a captured graph goes on using its addresses. */
    public DevicePool siblingForGraph() {
        return new DevicePool(source, siblings, true);
    }

    /**
     * A piece of at least that many bytes, not cleared.
     *
     * @param maker the op that the piece is for, for the report when the device is full
     * @throws StampException if the device has not that much left
     */
    public DeviceBuffer allocate(long bytes, String maker) {
        long rounded = SizeClasses.roundUp(bytes);
        BlockHeap heap = rounded < LARGE ? small : large;
        DeviceBuffer buffer = heap.allocate(rounded, maker);
        if (buffer == null) {
            siblings.forEach(DevicePool::trim);
            buffer = heap.allocate(rounded, maker);
        }
        if (buffer == null) {
            throw OutOfDeviceMemory.exception(rounded, maker, siblings, source.freeBytes());
        }
        liveBytes += buffer.bytes();
        return buffer;
    }

    /** Whether a piece is of this pool. */
    public boolean owns(DeviceBuffer buffer) {
        return buffer.heap() == small || buffer.heap() == large;
    }

    /** Takes a piece of this pool back. */
    public void free(DeviceBuffer buffer) {
        if (buffer.isFree() || !owns(buffer)) {
            throw new IllegalStateException("Device memory was freed twice, or given to a pool that it is not from.");
        }
        liveBytes -= buffer.bytes();
        buffer.heap().free(buffer);
    }

    /** Returns what is not in use to the device, unless the memory is a graph's. */
    public void trim() {
        if (!keepsSegments) {
            small.trim();
            large.trim();
        }
    }

    /** Every piece in use. */
    List<DeviceBuffer> live() {
        List<DeviceBuffer> live = new ArrayList<>();
        small.forEachLive(live::add);
        large.forEachLive(live::add);
        return live;
    }

    /** Bytes in use. */
    public long liveBytes() {
        return liveBytes;
    }

    /** Bytes of the device that this pool has, in use or not. */
    public long heldBytes() {
        return small.heldBytes() + large.heldBytes();
    }

    /** Returns all memory to the device, in use or not; the pool must not be used any more. */
    @Override
    public void close() {
        siblings.remove(this);
        small.close();
        large.close();
    }
}
