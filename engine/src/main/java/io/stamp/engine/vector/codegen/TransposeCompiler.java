package io.stamp.engine.vector.codegen;

import static io.stamp.engine.vector.codegen.KernelClass.species;

import io.stamp.engine.vector.runtime.Lanes;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;

/** Writes the kernels of transposes: as source, a method for each number of vectors. */
public final class TransposeCompiler {
    private final CodeBuilder code;

    private TransposeCompiler(CodeBuilder code) {
        this.code = code;
    }

    /**
     * A kernel of its own class.
     *
     * @param vectors a power of two
     * @param loaded vectors that are read; what the rounds make of the others is not used
     * @param stored vectors that are written, the first ones
     */
    public static TransposeKernel kernel(int vectors, int loaded, int stored) {
        return KernelClass.define("Transpose" + loaded + "to" + stored, TransposeKernel.class, code -> {
            TransposeCompiler compiler = new TransposeCompiler(code);
            int[] values = compiler.load(vectors, loaded);
            for (int round = 0; round < Integer.numberOfTrailingZeros(vectors); round++) {
                values = compiler.round(values, round);
            }
            compiler.store(values, stored);
        });
    }

    private int[] load(int vectors, int loaded) {
        // Parameters of TransposeKernel.run; local 0 is the kernel itself.
        int from = 1;
        int fromOffset = 2;
        int fromStep = 3;
        int[] values = new int[vectors];
        for (int i = 0; i < vectors; i++) {
            if (i < loaded) {
                species(code).aload(from).iload(fromOffset);
                code.iload(fromStep).loadConstant(i).imul().iadd();
                values[i] = keep(() -> KernelClass.load(code));
            } else {
                values[i] = values[0];
            }
        }
        return values;
    }

    private int[] round(int[] values, int round) {
        int even = index(2 * round);
        int odd = index(2 * round + 1);
        int half = values.length / 2;
        int[] merged = new int[values.length];
        for (int i = 0; i < half; i++) {
            merged[2 * i] = select(even, values[i], values[i + half]);
            merged[2 * i + 1] = select(odd, values[i], values[i + half]);
        }
        return merged;
    }

    private int index(int number) {
        int indices = 7;
        species(code).aload(indices).loadConstant(number * Lanes.COUNT);
        return keep(() -> KernelClass.load(code));
    }

    private int select(int index, int first, int second) {
        code.aload(index).aload(first).aload(second);
        return keep(() -> KernelClass.selectFrom(code));
    }

    private void store(int[] values, int stored) {
        int to = 4;
        int toOffset = 5;
        int toStep = 6;
        for (int i = 0; i < stored; i++) {
            code.aload(values[i]).aload(to).iload(toOffset);
            code.iload(toStep).loadConstant(i).imul().iadd();
            KernelClass.store(code);
        }
        code.return_();
    }

    /** Runs a call and keeps its result in a local variable. */
    private int keep(Runnable call) {
        call.run();
        int vector = code.allocateLocal(TypeKind.REFERENCE);
        code.astore(vector);
        return vector;
    }
}
