package io.stamp.kernels.device;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Cuts segments of device memory into pieces of any size and joins free neighbours again. A piece keeps its address while it is in use.
 * Not thread-safe.
 */
final class BlockHeap {
    private static final long SEGMENT_GRANULE = 2L << 20;

    private final SegmentSource source;
    private final long segmentBytes;
    private final long smallestBlock;
    private final FreeBlocks free = new FreeBlocks();
    /** The piece with the lowest address of each segment. */
    private final List<DeviceBuffer> segments = new ArrayList<>();

    private long heldBytes;
    private boolean closed;

    /**
     * @param segmentBytes size of a segment; larger requests get one of their own
     * @param smallestBlock no smaller piece is split off
     */
    BlockHeap(SegmentSource source, long segmentBytes, long smallestBlock) {
        this.source = source;
        this.segmentBytes = segmentBytes;
        this.smallestBlock = smallestBlock;
    }

    /** A piece of that many bytes, a class size; null if there is none and the source has no memory left. */
    DeviceBuffer allocate(long bytes, String maker) {
        DeviceBuffer block = free.take(bytes);
        if (block == null) {
            block = newSegment(bytes);
        }
        if (block == null) {
            return null;
        }
        if (block.bytes() - bytes >= smallestBlock) {
            splitOff(block, bytes);
        }
        block.take(maker);
        return block;
    }

    private DeviceBuffer newSegment(long bytes) {
        long exact = Math.ceilDiv(bytes, SEGMENT_GRANULE) * SEGMENT_GRANULE;
        long size = Math.max(exact, segmentBytes);
        long address = source.allocate(size);
        if (address == 0 && size > exact) {
            size = exact;
            address = source.allocate(size);
        }
        if (address == 0) {
            return null;
        }
        heldBytes += size;
        DeviceBuffer segment = new DeviceBuffer(this, address, size);
        segments.add(segment);
        return segment;
    }

    private void splitOff(DeviceBuffer block, long bytes) {
        DeviceBuffer rest = new DeviceBuffer(this, block.start() + bytes, block.bytes() - bytes);
        rest.lower = block;
        rest.upper = block.upper;
        if (rest.upper != null) {
            rest.upper.lower = rest;
        }
        block.upper = rest;
        block.resize(bytes);
        free.add(rest);
    }

    void free(DeviceBuffer block) {
        block.release();
        DeviceBuffer joined = block;
        if (joined.upper != null && joined.upper.isFree()) {
            free.remove(joined.upper);
            absorbUpper(joined);
        }
        if (joined.lower != null && joined.lower.isFree()) {
            joined = joined.lower;
            free.remove(joined);
            absorbUpper(joined);
        }
        free.add(joined);
    }

    private static void absorbUpper(DeviceBuffer block) {
        DeviceBuffer absorbed = block.upper;
        block.resize(block.bytes() + absorbed.bytes());
        block.upper = absorbed.upper;
        if (block.upper != null) {
            block.upper.lower = block;
        }
    }

    /** Returns segments in which nothing is in use to the source. */
    void trim() {
        segments.removeIf(segment -> {
            if (!segment.isFree() || segment.upper != null) {
                return false;
            }
            free.remove(segment);
            heldBytes -= segment.bytes();
            source.free(segment.start());
            return true;
        });
    }

    /** Returns all segments to the source, whatever is in use; the heap must not be used any more. */
    void close() {
        segments.forEach(segment -> source.free(segment.start()));
        segments.clear();
        heldBytes = 0;
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Shows every piece that is in use. */
    void forEachLive(Consumer<DeviceBuffer> visitor) {
        for (DeviceBuffer segment : segments) {
            for (DeviceBuffer block = segment; block != null; block = block.upper) {
                if (!block.isFree()) {
                    visitor.accept(block);
                }
            }
        }
    }

    /** Bytes of all segments. */
    long heldBytes() {
        return heldBytes;
    }
}
