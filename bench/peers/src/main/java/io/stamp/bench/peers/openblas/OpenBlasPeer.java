package io.stamp.bench.peers.openblas;

import io.stamp.bench.peers.Outputs;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PreparedWork;
import io.stamp.bench.peers.Workload;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/** OpenBLAS, for GEMM. */
final class OpenBlasPeer implements Peer {
    static final String NAME = "openblas";

    /** Loads the library. */
    OpenBlasPeer() {
        Loader.load(openblas_nolapack.class);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return "OpenBLAS " + openblas_nolapack.class.getPackage().getImplementationVersion();
    }

    @Override
    public Optional<String> obstacle(Workload workload) {
        return workload instanceof Workload.Gemm ? Optional.empty() : Optional.of("multiplies matrices only");
    }

    @Override
    public PreparedWork prepare(Workload workload, int threads) {
        return new Multiplying((Workload.Gemm) workload, threads);
    }

    /** The library stays loaded as long as the process lives. */
    @Override
    public void close() {}

    private static final class Multiplying implements PreparedWork {
        private final Workload.Gemm size;
        private final int threads;
        private final FloatPointer left;
        private final FloatPointer right;
        private final FloatPointer result;

        Multiplying(Workload.Gemm gemm, int threads) {
            size = gemm;
            this.threads = threads;
            left = new FloatPointer(gemm.left());
            right = new FloatPointer(gemm.right());
            result = new FloatPointer((long) gemm.m() * gemm.n());
        }

        @Override
        public void takeOver() {
            openblas_nolapack.blas_set_num_threads(threads);
        }

        @Override
        public Outputs outputs() {
            run();
            float[] values = new float[size.m() * size.n()];
            result.get(values);
            return Outputs.result(values);
        }

        @Override
        public void run() {
            openblas_nolapack.cblas_sgemm(
                    openblas_nolapack.CblasRowMajor,
                    openblas_nolapack.CblasNoTrans,
                    openblas_nolapack.CblasNoTrans,
                    size.m(),
                    size.n(),
                    size.k(),
                    1,
                    left,
                    size.k(),
                    right,
                    size.n(),
                    0,
                    result,
                    size.n());
        }

        @Override
        public void close() {
            left.close();
            right.close();
            result.close();
        }
    }
}
