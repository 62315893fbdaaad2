package io.stamp.kernels.device;

import io.stamp.engine.FailedException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The device is full; the message tells people what holds its memory. */
public final class OutOfDeviceMemory extends FailedException {
    private static final long serialVersionUID = 1;

    private static final int LONGEST_TABLE = 8;

    /** What one kind of op holds. */
    private record Use(String maker, int count, long bytes) {
        Use plus(Use other) {
            return new Use(maker, count + other.count, bytes + other.bytes);
        }

        String words() {
            return mebibytes(bytes) + " in " + count + (count == 1 ? " array of " : " arrays of ") + maker;
        }
    }

    private OutOfDeviceMemory(String sentence) {
        super(sentence);
    }

    static OutOfDeviceMemory exception(long bytes, String maker, List<DevicePool> pools, long freeBytes) {
        long live = pools.stream().mapToLong(DevicePool::liveBytes).sum();
        long held = pools.stream().mapToLong(DevicePool::heldBytes).sum();
        return new OutOfDeviceMemory("The memory of the device is full: " + mebibytes(bytes) + " for " + maker
                + " do not fit beside the " + mebibytes(live) + " in use, with " + mebibytes(held - live)
                + " between them in pieces that are too small and " + mebibytes(freeBytes)
                + " free on the device; use a smaller batch, or end other programs on the device. In use: "
                + table(pools)
                + ".");
    }

    private static String table(List<DevicePool> pools) {
        Map<String, Use> uses = new HashMap<>();
        for (DevicePool pool : pools) {
            for (DeviceBuffer buffer : pool.live()) {
                uses.merge(buffer.maker(), new Use(buffer.maker(), 1, buffer.bytes()), Use::plus);
            }
        }
        if (uses.isEmpty()) {
            return "nothing";
        }
        return uses.values().stream()
                .sorted((a, b) -> Long.compare(b.bytes(), a.bytes()))
                .limit(LONGEST_TABLE)
                .map(Use::words)
                .collect(Collectors.joining(", "));
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1L << 20));
    }
}
