package io.stamp.kernels.device;

/**
 * Free pieces of memory in lists by size class, with a bit for each list that is not empty, so that the smallest class with a fitting
 * piece is found without a search through pieces (two-level segregated fit; Masmano, Ripoll, Crespo and Real 2004).
 */
final class FreeBlocks {
    private final DeviceBuffer[] first = new DeviceBuffer[SizeClasses.COUNT];
    private final long[] occupied = new long[Math.ceilDiv(SizeClasses.COUNT, Long.SIZE)];

    /** Takes a piece of at least that many bytes, a class size, out of the lists; null if there is none. */
    DeviceBuffer take(long bytes) {
        int index = firstOccupied(SizeClasses.of(bytes));
        if (index < 0) {
            return null;
        }
        DeviceBuffer found = first[index];
        remove(found);
        return found;
    }

    private int firstOccupied(int from) {
        long word = occupied[from / Long.SIZE] & -1L << from;
        for (int i = from / Long.SIZE; ; word = occupied[i]) {
            if (word != 0) {
                return i * Long.SIZE + Long.numberOfTrailingZeros(word);
            }
            i++;
            if (i == occupied.length) {
                return -1;
            }
        }
    }

    void add(DeviceBuffer block) {
        int index = SizeClasses.of(block.bytes());
        block.previousFree = null;
        block.nextFree = first[index];
        if (first[index] != null) {
            first[index].previousFree = block;
        }
        first[index] = block;
        occupied[index / Long.SIZE] |= 1L << index;
    }

    void remove(DeviceBuffer block) {
        int index = SizeClasses.of(block.bytes());
        if (block.previousFree != null) {
            block.previousFree.nextFree = block.nextFree;
        } else {
            first[index] = block.nextFree;
        }
        if (block.nextFree != null) {
            block.nextFree.previousFree = block.previousFree;
        }
        if (first[index] == null) {
            occupied[index / Long.SIZE] &= ~(1L << index);
        }
        block.previousFree = null;
        block.nextFree = null;
    }
}
