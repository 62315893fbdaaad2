package io.stamp.kernels.op;

/** The tile of a block in convolution.cu, with the names of the kernels. */
enum Tile {
    WIDE(128, 64),
    SQUARE(64, 64),
    NARROW(128, 32),
    SLIM(128, 16);

    /** Blocks that keep a large device busy; below, smaller tiles are better. */
    private static final int ENOUGH_BLOCKS = 264;

    final int rows;
    final int columns;
    private final Names forward;
    private final Names inputGradient;
    private final Names weightGradient;

    /** The kernels for packs of 4 channels and for single channels. */
    private record Names(String packs, String singles) {
        String of(int pack) {
            return pack == Packs.WIDTH ? packs : singles;
        }
    }

    Tile(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        forward = names("convolution_");
        inputGradient = names("convolution_input_gradient_");
        weightGradient = names("convolution_weight_gradient_");
    }

    private Names names(String kernel) {
        String prefix = kernel + rows + "x" + columns + "_";
        return new Names(prefix + Packs.WIDTH, prefix + 1);
    }

    /** The tile for a GEMM of that many rows and columns, of which {@code batch} are computed at once. */
    static Tile of(int rows, int columns, int batch) {
        Tile tile = splitting(columns);
        boolean enough = tile != WIDE || (long) WIDE.count(rows, columns) * batch >= ENOUGH_BLOCKS;
        return enough ? tile : SQUARE;
    }

    /** The tile for a GEMM that is split along the summed index until there are enough blocks. */
    static Tile splitting(int columns) {
        return columns <= SLIM.columns ? SLIM : columns <= NARROW.columns ? NARROW : WIDE;
    }

    /** Tiles that cover a matrix. */
    int count(int ofRows, int ofColumns) {
        return Math.ceilDiv(ofRows, rows) * Math.ceilDiv(ofColumns, columns);
    }

    /** Threads of a block, of which each has a part of the tile. */
    int threads() {
        return 256;
    }

    String forward(int pack) {
        return forward.of(pack);
    }

    String inputGradient(int pack) {
        return inputGradient.of(pack);
    }

    String weightGradient(int pack) {
        return weightGradient.of(pack);
    }
}
