package io.stamp.engine.vector.codegen;

import static io.stamp.engine.vector.codegen.KernelClass.species;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;

/** Writes the tiles of depthwise convolutions: a local variable for the weight, or the sum, of each position of the kernel. */
final class DepthwiseCompiler {
    private final CodeBuilder code;

    /** Where the first pixel's element for each position lies. */
    private final int[] starts;

    private DepthwiseCompiler(CodeBuilder code, int positions, int inOffset, int offsets) {
        this.code = code;
        this.starts = new int[positions];
        for (int i = 0; i < positions; i++) {
            starts[i] = code.allocateLocal(TypeKind.INT);
            code.iload(inOffset).aload(offsets).loadConstant(i).iaload().iadd().istore(starts[i]);
        }
    }

    static DepthwiseTile tile(int positions) {
        // Parameters of DepthwiseTile.row; local 0 is the tile itself.
        int inOffset = 4;
        int offsets = 6;
        return KernelClass.define("Depthwise" + positions, DepthwiseTile.class, code -> new DepthwiseCompiler(
                        code, positions, inOffset, offsets)
                .row());
    }

    static DepthwiseGradientTile gradientTile(int positions) {
        // Parameters of DepthwiseGradientTile.add.
        int inOffset = 3;
        int offsets = 5;
        return KernelClass.define(
                "DepthwiseGradient" + positions,
                DepthwiseGradientTile.class,
                code -> new DepthwiseCompiler(code, positions, inOffset, offsets).gradient());
    }

    private void row() {
        int count = 1;
        int lanes = 2;
        int in = 3;
        int inStep = 5;
        int kernel = 7;
        int kernelOffset = 8;
        int kernelStep = 9;
        int out = 10;
        int outOffset = 11;
        int outStep = 12;
        int mask = code.allocateLocal(TypeKind.REFERENCE);
        KernelClass.first(code.iload(lanes)).astore(mask);
        int[] weights = loadAll(kernel, kernelOffset, kernelStep);
        int sum = code.allocateLocal(TypeKind.REFERENCE);
        KernelClass.repeat(code, count, pixel -> {
            int step = step(pixel, inStep);
            for (int i = 0; i < starts.length; i++) {
                load(in, starts[i], step);
                code.aload(weights[i]);
                if (i == 0) {
                    KernelClass.multiply(code).astore(sum);
                } else {
                    KernelClass.multiplyAdd(code.aload(sum)).astore(sum);
                }
            }
            code.aload(sum).aload(out).iload(outOffset);
            code.iload(pixel).iload(outStep).imul().iadd().aload(mask);
            KernelClass.storeMasked(code);
        });
        code.return_();
    }

    private void gradient() {
        int count = 1;
        int in = 2;
        int inStep = 4;
        int gradients = 6;
        int gradientOffset = 7;
        int gradientStep = 8;
        int sums = 9;
        int sumOffset = 10;
        int sumStep = 11;
        int[] own = loadAll(sums, sumOffset, sumStep);
        int gradient = code.allocateLocal(TypeKind.REFERENCE);
        KernelClass.repeat(code, count, pixel -> {
            int step = step(pixel, inStep);
            load(gradients, gradientOffset, step(pixel, gradientStep));
            code.astore(gradient);
            for (int i = 0; i < starts.length; i++) {
                load(in, starts[i], step);
                KernelClass.multiplyAdd(code.aload(gradient).aload(own[i])).astore(own[i]);
            }
        });
        for (int i = 0; i < own.length; i++) {
            code.aload(own[i]).aload(sums).iload(sumOffset);
            code.iload(sumStep).loadConstant(i).imul().iadd();
            KernelClass.store(code);
        }
        code.return_();
    }

    /** One vector for each position of the kernel, in local variables. */
    private int[] loadAll(int array, int offset, int step) {
        int[] vectors = new int[starts.length];
        for (int i = 0; i < vectors.length; i++) {
            species(code).aload(array).iload(offset);
            code.iload(step).loadConstant(i).imul().iadd();
            vectors[i] = code.allocateLocal(TypeKind.REFERENCE);
            KernelClass.load(code).astore(vectors[i]);
        }
        return vectors;
    }

    /** Pixels times elements, in a local variable. */
    private int step(int pixel, int elements) {
        int step = code.allocateLocal(TypeKind.INT);
        code.iload(pixel).iload(elements).imul().istore(step);
        return step;
    }

    /** Pushes the vector that begins at the sum of two local variables. */
    private void load(int array, int start, int step) {
        species(code).aload(array).iload(start).iload(step).iadd();
        KernelClass.load(code);
    }
}
