package io.stamp.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DevicePoolTest {
    private static final long MIB = 1L << 20;

    private final FakeDevice device = new FakeDevice(1024 * MIB);
    private final DevicePool pool = DevicePool.of(device);

    @Test
    void freedMemoryIsGivenOutAgainAtTheSameAddress() {
        DeviceBuffer first = pool.allocate(10 * MIB, "Conv2d");
        long address = first.address();
        assertThat(pool.liveBytes()).isEqualTo(10 * MIB);
        pool.free(first);
        assertThat(pool.liveBytes()).isZero();

        assertThat(pool.allocate(10 * MIB, "Add").address()).isEqualTo(address);
        assertThat(device.used()).isEqualTo(pool.heldBytes());
    }

    @Test
    void aLargePieceIsSplitAndItsPartsAreJoinedAgain() {
        DeviceBuffer a = pool.allocate(16 * MIB, "a");
        DeviceBuffer b = pool.allocate(16 * MIB, "b");
        DeviceBuffer c = pool.allocate(32 * MIB, "c");
        long start = a.address();
        assertThat(b.address()).isEqualTo(start + 16 * MIB);
        assertThat(c.address()).isEqualTo(start + 32 * MIB);
        long held = pool.heldBytes();

        pool.free(a);
        pool.free(c);
        pool.free(b);

        DeviceBuffer whole = pool.allocate(64 * MIB, "whole");
        assertThat(whole.address()).isEqualTo(start);
        assertThat(pool.heldBytes()).isEqualTo(held);
    }

    @Test
    void smallPiecesDoNotSplitTheSegmentsOfLargeOnes() {
        DeviceBuffer small = pool.allocate(4, "scalar");
        DeviceBuffer large = pool.allocate(64 * MIB, "activation");
        long heldWithBoth = pool.heldBytes();
        pool.free(large);
        pool.trim();

        assertThat(pool.heldBytes()).isEqualTo(heldWithBoth - 64 * MIB);
        assertThat(small.bytes()).isEqualTo(512);
    }

    @Test
    void aFullDeviceIsTrimmedBeforeItIsAnError() {
        DevicePool other = pool.sibling();
        other.free(other.allocate(700 * MIB, "once"));
        pool.free(pool.allocate(100 * MIB, "once"));

        DeviceBuffer large = pool.allocate(900 * MIB, "Gather");

        assertThat(other.heldBytes()).isZero();
        assertThat(device.used()).isEqualTo(large.bytes()).isEqualTo(pool.heldBytes());
    }

    @Test
    void theMemoryOfAGraphIsNotTakenAway() {
        DevicePool graph = pool.siblingForGraph();
        DeviceBuffer captured = graph.allocate(300 * MIB, "Conv2d");
        long address = captured.address();
        graph.free(captured);

        assertThatThrownBy(() -> pool.allocate(900 * MIB, "Add")).isInstanceOf(StampException.class);
        assertThat(graph.heldBytes()).isGreaterThanOrEqualTo(300 * MIB);
        assertThat(graph.allocate(300 * MIB, "Conv2d").address()).isEqualTo(address);

        graph.close();
        assertThat(pool.allocate(900 * MIB, "Add").bytes()).isGreaterThanOrEqualTo(900 * MIB);
    }

    @Test
    void theErrorOfAFullDeviceListsWhoHoldsIt() {
        pool.allocate(300 * MIB, "Conv2d");
        pool.allocate(300 * MIB, "Conv2d");
        pool.sibling().allocate(200 * MIB, "the workspace of cuBLAS");

        assertThatThrownBy(() -> pool.allocate(500 * MIB, "BatchNorm"))
                .isInstanceOf(StampException.class)
                .hasMessageStartingWith(
                        "The memory of the device is full: 512.0 MiB for BatchNorm do not fit beside the")
                .hasMessageContaining("use a smaller batch")
                .hasMessageContaining(
                        "In use: 640.0 MiB in 2 arrays of Conv2d, 208.0 MiB in 1 array of the workspace of cuBLAS.");
        assertThat(pool.liveBytes()).isEqualTo(640 * MIB);
        assertThat(pool.allocate(100 * MIB, "Add").bytes()).isGreaterThanOrEqualTo(100 * MIB);
    }

    @Test
    void aSegmentIsAsSmallAsTheRequestWhereTheDeviceIsAlmostFull() {
        DevicePool tight = DevicePool.of(new FakeDevice(6 * MIB));

        assertThat(tight.allocate(5 * MIB, "a").bytes()).isEqualTo(5 * MIB);
        assertThat(tight.heldBytes()).isEqualTo(6 * MIB);
    }

    @Test
    void memoryIsNeitherFreedTwiceNorReadAfterwards() {
        DeviceBuffer buffer = pool.allocate(1000, "a");
        DevicePool other = pool.sibling();
        assertThatThrownBy(() -> other.free(buffer)).isInstanceOf(IllegalStateException.class);
        pool.free(buffer);
        assertThatThrownBy(() -> pool.free(buffer)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(buffer::address).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingReturnsEverything() {
        pool.allocate(1000, "a");
        pool.allocate(100 * MIB, "b");
        pool.close();
        assertThat(device.used()).isZero();
    }

    /** A run of random requests: no piece overlaps another, accounts are exact, and what repeats needs no more memory. */
    @Property(tries = 50)
    void piecesNeverOverlapAndTheAccountsHold(@ForAll long seed) {
        FakeDevice source = new FakeDevice(4096 * MIB);
        DevicePool random = DevicePool.of(source);
        List<DeviceBuffer> live = new ArrayList<>();
        Random choice = new Random(seed);
        for (int step = 0; step < 300; step++) {
            if (live.isEmpty() || choice.nextInt(5) < 3) {
                long bytes = 1 + (long) Math.exp(choice.nextDouble() * Math.log(20 * MIB));
                DeviceBuffer buffer = random.allocate(bytes, "op");
                assertThat(buffer.bytes()).isGreaterThanOrEqualTo(bytes);
                assertThat(buffer.address() % 512).isZero();
                assertThat(source.owns(buffer.address(), buffer.bytes())).isTrue();
                live.add(buffer);
            } else {
                random.free(live.remove(choice.nextInt(live.size())));
            }
            requireDisjoint(live);
            assertThat(random.liveBytes())
                    .isEqualTo(live.stream().mapToLong(DeviceBuffer::bytes).sum());
        }
        assertThat(random.live()).containsExactlyInAnyOrderElementsOf(live);
        live.forEach(random::free);
        random.trim();
        assertThat(source.used()).isZero();
    }

    private static void requireDisjoint(List<DeviceBuffer> live) {
        List<DeviceBuffer> sorted = live.stream()
                .sorted(Comparator.comparingLong(DeviceBuffer::address))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            DeviceBuffer lower = sorted.get(i - 1);
            assertThat(lower.address() + lower.bytes())
                    .isLessThanOrEqualTo(sorted.get(i).address());
        }
    }

    @Property
    void roundingWastesAtMostAnEighthOfLargeSizes(@ForAll @LongRange(min = 1, max = 1L << 45) long bytes) {
        long rounded = SizeClasses.roundUp(bytes);
        assertThat(rounded).isGreaterThanOrEqualTo(bytes).isLessThanOrEqualTo(Math.max(bytes + bytes / 8, bytes + 511));
        assertThat(rounded % 512).isZero();
        // A free piece of the rounded size is found in the very list that a request of that size looks into.
        assertThat(SizeClasses.roundUp(rounded)).isEqualTo(rounded);
        assertThat(SizeClasses.of(rounded)).isGreaterThan(SizeClasses.of(Math.max(rounded - 1, 512)) - 1);
    }
}
