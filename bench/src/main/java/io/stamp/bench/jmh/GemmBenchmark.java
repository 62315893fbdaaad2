package io.stamp.bench.jmh;

import io.stamp.bench.cli.Sizes;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.MatMul;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** GEMMs of dense matrices, large and small, and with both operands stored either way. */
public class GemmBenchmark extends EngineBenchmark {
    /** {@code MxNxK}: large squares, the linear layer of ResNet-20 at batch 64, the pooling attention of the set encoder. */
    @Param({"1024x1024x1024", "256x256x256", "64x64x64", "64x10x64", "64x512x512", "4x64x16"})
    String size;

    /** For either operand whether it is stored as it is (N) or transposed (T). */
    @Param({"NN", "NT", "TN"})
    String storage;

    private int[] sizes;
    private MatMul multiplication;
    private Tensor left;
    private Tensor right;
    private Work work;

    @Override
    void read() {
        sizes = Sizes.gemm(SIZE, size);
        if (!storage.matches("[NT]{2}")) {
            throw new StampException("-p storage=" + storage + " is none of NN, NT, TN, TT.");
        }
        multiplication = new MatMul(storage.charAt(0) == 'T', storage.charAt(1) == 'T');
    }

    @Override
    void prepare() {
        int[] s = sizes;
        left = multiplication.transposeLeft() ? noise(s[2], s[0]) : noise(s[0], s[2]);
        right = multiplication.transposeRight() ? noise(s[1], s[2]) : noise(s[2], s[1]);
        work = Work.of(multiplication, left, right);
        measureRoofline(work);
    }

    @Benchmark
    public void gemm(Rates rates) {
        run(multiplication, left, right);
        rates.count(work, roofline());
    }
}
