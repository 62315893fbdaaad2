package io.stamp.engine.vector.winograd;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.TestArrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WinogradLayoutTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 33})
    void aMapWritesItsCellsOnly(int length) {
        int step = WinogradLayout.PRODUCT_STEP;
        float[] products = TestArrays.random(WinogradLayout.FREQUENCIES * step, 1);
        float[] pixels = TestArrays.unwritten(4 * 4 * 40);
        WinogradLayout.OUTPUT.run(length, products, 0, pixels, 3, 4 * 40, 40);
        for (int i = 0; i < pixels.length; i++) {
            int cell = (i - 3) / 40;
            boolean written = i >= 3 && cell < 8 && (i - 3) % 40 < length;
            assertThat(Float.isNaN(pixels[i])).as("element %d", i).isEqualTo(!written);
        }
    }

    /** A block's last tile of a product may have more rows than the block has left. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 12, 16})
    void aBlockHasRoomForWholeTilesOfAProduct(int mostRows) {
        for (int tiles = 1; tiles <= WinogradLayout.TILES; tiles++) {
            int rows = Tiles.balancedRows(tiles, mostRows);
            assertThat(Math.ceilDiv(tiles, rows) * rows).isLessThanOrEqualTo(WinogradLayout.room(mostRows));
        }
    }
}
