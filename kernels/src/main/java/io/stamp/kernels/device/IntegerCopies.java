package io.stamp.kernels.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Copies on the device of small arrays of integers; equal arrays share one. The copies used longest ago go when they are many. */
final class IntegerCopies implements AutoCloseable {
    private static final long MOST_BYTES = 16L << 20;

    /** An array by its values. */
    private static final class Key {
        private final int[] values;
        private final int hash;

        Key(int[] values) {
            this.values = values;
            this.hash = Arrays.hashCode(values);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(values, key.values);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private final DevicePool pool;
    private final Upload upload;
    private final SequencedMap<Key, DeviceBuffer> copies = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    IntegerCopies(DevicePool pool, Upload upload) {
        this.pool = pool;
        this.upload = upload;
    }

    /** Address of a copy. A copy that goes away may still be read by work that is in the stream already, which runs before its reuse. */
    long addressOf(int[] values) {
        DeviceBuffer copy = copies.get(new Key(values));
        if (copy == null) {
            copy = pool.allocate((long) values.length * Integer.BYTES, "index arrays");
            upload.write(copy.address(), values);
            copies.put(new Key(values.clone()), copy);
            bytes += copy.bytes();
        }
        return copy.address();
    }

    /** Lets go of the oldest copies; called between ops, since an op may use several. */
    void shrink() {
        while (bytes > MOST_BYTES) {
            Map.Entry<Key, DeviceBuffer> oldest = copies.pollFirstEntry();
            bytes -= oldest.getValue().bytes();
            pool.free(oldest.getValue());
        }
    }

    @Override
    public void close() {
        new ArrayList<>(copies.values()).forEach(pool::free);
        copies.clear();
        bytes = 0;
    }
}
