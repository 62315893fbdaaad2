package io.stamp.kernels.blas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.stamp.kernels.bind.CublasLt;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.device.Opened;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * cuBLASLt 12 or 13 through FFM. The library's heuristic chooses an algorithm at the first GEMM of each kind, from the shape alone and
 * among those that always give the same bits; further ones of that kind only run it.
 */
public final class FfmCublasLt implements CublasCalls {
    private static final long ONE = Arena.global().allocateFrom(JAVA_FLOAT, 1).address();
    private static final long ZERO = Arena.global().allocateFrom(JAVA_FLOAT, 0).address();

    /**
     * All of {@code cublasLtReductionScheme_t} but "in place" (1): there the parts of a sum that was split meet in the result itself, in an
     * order that nothing documents. The others keep the parts apart and add them in a step of its own.
     */
    private static final int ORDERED_REDUCTIONS = 6;

    /** Nothing asks for more. */
    private static final int BEST_ALIGNMENT = 256;

    /** @param alignment what the addresses of all three matrices are multiples of, at most 256 */
    private record Kind(ColumnMajorGemm gemm, int alignment) {}

    /** What a GEMM of one kind is run with. */
    private record Plan(long description, long layoutA, long layoutB, long layoutC, long algorithm) {}

    private final Settings settings;
    private final int operandType;
    private final Opened opened = new Opened();
    private final Arena arena = Arena.ofShared();
    private final long handle;
    private final Map<Kind, Plan> plans = new HashMap<>();

    /** Opens a handle in the current context, for float32 matrices. */
    public FfmCublasLt(Settings settings) {
        this(settings, CublasLt.FLOAT32);
    }

    /** @param operandType of A and B, a {@code cudaDataType_t}; C is float32 */
    FfmCublasLt(Settings settings, int operandType) {
        this.settings = settings;
        this.operandType = operandType;
        opened.add(arena::close);
        try {
            handle = CublasLt.create();
            opened.add(() -> CublasLt.destroy(handle));
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    @Override
    public String binding() {
        return "ffm";
    }

    @Override
    public int version() {
        return (int) LibraryVersions.cublasNumber();
    }

    @Override
    public void multiply(ColumnMajorGemm gemm, long a, long b, long c) {
        int alignment = (int) Long.lowestOneBit(a | b | c | BEST_ALIGNMENT);
        Kind kind = new Kind(gemm, alignment);
        Plan plan = plans.get(kind);
        if (plan == null) {
            plan = plan(gemm, alignment);
            plans.put(kind, plan);
        }
        int status = CublasLt.multiply(
                handle,
                plan.description,
                ONE,
                a,
                plan.layoutA,
                b,
                plan.layoutB,
                ZERO,
                c,
                plan.layoutC,
                plan.algorithm,
                settings.workspace(),
                settings.workspaceBytes(),
                settings.stream());
        if (status != 0) {
            throw CublasLt.failure(status, gemm, a, b, c);
        }
    }

    private Plan plan(ColumnMajorGemm p, int alignment) {
        Opened parts = new Opened();
        try {
            long description = CublasLt.createDescription(settings.computeType(), p.transposeA(), p.transposeB());
            parts.add(() -> CublasLt.destroyDescription(description));
            long layoutA =
                    layout(parts, operandType, p.leadingA(), p.transposeA() ? p.m() : p.k(), p.batch(), p.strideA());
            long layoutB =
                    layout(parts, operandType, p.leadingB(), p.transposeB() ? p.k() : p.n(), p.batch(), p.strideB());
            long layoutC = layout(parts, CublasLt.FLOAT32, p.leadingC(), p.n(), p.batch(), p.strideC());
            MemorySegment algorithm = arena.allocate(CublasLt.ALGORITHM_BYTES, Long.BYTES);
            long preference = CublasLt.createPreference(settings.workspaceBytes(), ORDERED_REDUCTIONS, alignment);
            try {
                CublasLt.choose(handle, description, layoutA, layoutB, layoutC, preference, algorithm);
            } finally {
                CublasLt.destroyPreference(preference);
            }
            opened.add(parts::close);
            return new Plan(description, layoutA, layoutB, layoutC, algorithm.address());
        } catch (RuntimeException failure) {
            throw parts.after(failure);
        }
    }

    private static long layout(Opened parts, int type, int rows, int columns, int batch, long stride) {
        long layout = CublasLt.createLayout(type, rows, columns, rows, batch, stride);
        parts.add(() -> CublasLt.destroyLayout(layout));
        return layout;
    }

    @Override
    public void close() {
        opened.close();
    }
}
