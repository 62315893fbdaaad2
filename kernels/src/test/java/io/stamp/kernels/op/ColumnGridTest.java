package io.stamp.kernels.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What columns.cuh and sum_tree.cuh rely on. */
class ColumnGridTest {
    private static final int BLOCK = 256;
    private static final int ARRIVAL_COUNTERS = 1024;

    private static void check(ColumnGrid grid) {
        assertThat(grid.threads()).isBetween(1, BLOCK);
        assertThat(grid.pack() * grid.threads() % grid.tile())
                .as("whole rows of a tile")
                .isZero();
        assertThat((long) grid.blocks() * grid.rowsPerBlock()).isGreaterThanOrEqualTo(grid.rows());
        assertThat((long) (grid.blocks() - 1) * grid.rowsPerBlock()).isLessThan(grid.rows());
        assertThat(grid.tiles() * grid.tile()).isGreaterThanOrEqualTo(grid.columns());
        assertThat((grid.tiles() - 1) * grid.tile()).isLessThan(grid.columns());
        assertThat(grid.tiles() == 1 || grid.tile() % grid.pack() == 0)
                .as("tiles begin at packs")
                .isTrue();
    }

    private static void checkSums(ColumnGrid grid) {
        check(grid);
        assertThat(grid.tile()).as("shared memory").isLessThanOrEqualTo(Math.max(grid.pack() * BLOCK / 2, 1));
        assertThat((grid.groups() - 1) * grid.blocksPerGroup())
                .as("no empty group")
                .isLessThan(grid.blocks());
        assertThat(grid.groups() * grid.blocksPerGroup()).isGreaterThanOrEqualTo(grid.blocks());
        if (grid.blocks() > 1) {
            assertThat((grid.groups() + 1) * grid.tiles() * grid.matrices()).isLessThanOrEqualTo(ARRIVAL_COUNTERS);
        }
    }

    @Test
    void everyElementHasAPlace() {
        for (int columns = 1; columns <= 1100; columns += columns < 130 ? 1 : 37) {
            for (int rows : List.of(1, 7, 33, 1000, 4096, 65_536, 1_000_003)) {
                check(ColumnGrid.forMap(rows, columns));
                for (int quantities : List.of(1, 2)) {
                    checkSums(ColumnGrid.forSums(rows, columns, 1, quantities));
                    checkSums(ColumnGrid.forSums(rows, columns, 3, quantities));
                }
                checkSums(ColumnGrid.forSumsOfSingles(rows, columns, 9));
            }
        }
        checkSums(ColumnGrid.forSums(100, 1, 65_535, 1));
    }

    /** Shapes of CudaKernelsTest and of the op suite, and the layers of ResNets. */
    @ParameterizedTest
    @CsvSource({
        "5, 64, 2, 1, 1",
        "113, 510, 2, 8, 1",
        "150, 510, 2, 10, 3",
        "201, 510, 2, 13, 4",
        "256, 510, 2, 16, 4",
        "545, 254, 2, 18, 4",
        "272, 510, 1, 17, 4",
        "401, 510, 1, 26, 5",
        "17000, 64, 2, 133, 12",
        "65536, 64, 2, 512, 23",
        "16384, 128, 2, 128, 11",
        "4096, 256, 2, 32, 1",
        "1024, 512, 2, 8, 1",
        "65536, 16, 2, 128, 1",
        "65536, 6, 2, 49, 1"
    })
    void groupsOfBlocks(int rows, int columns, int quantities, int blocks, int groups) {
        ColumnGrid grid = ColumnGrid.forSums(rows, columns, 1, quantities);
        assertThat(grid.blocks()).isEqualTo(blocks);
        assertThat(grid.groups()).isEqualTo(groups);
    }
}
