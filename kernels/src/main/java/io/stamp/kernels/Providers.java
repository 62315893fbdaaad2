package io.stamp.kernels;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaLibrary;
import io.stamp.kernels.bind.Finding;
import io.stamp.kernels.bind.Libraries;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.blas.Blas;
import io.stamp.kernels.blas.CublasBlas;
import io.stamp.kernels.blas.FfmCublasLt;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.dnn.ChoiceRecord;
import io.stamp.kernels.dnn.Convolver;
import io.stamp.kernels.dnn.CudnnDnn;
import io.stamp.kernels.dnn.Dnn;
import io.stamp.kernels.dnn.EventTimer;
import io.stamp.kernels.dnn.FfmCudnn;
import io.stamp.kernels.dnn.JCudnnLoader;
import io.stamp.kernels.dnn.MeasuredChoice;
import io.stamp.kernels.jcuda.JCublasCalls;
import io.stamp.kernels.op.OwnConvolution;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which library computes GEMMs and convolutions. One that a property names is used or is an error.
 */
final class Providers {
    private Providers() {}

    /**
     * Makes the provider of matrix products, given a stream.
     *
     * @throws StampException if its library is missing
     */
    static Function<CudaStream, Blas> blas(CudaOptions options) {
        // Both bindings lead to the same kernels, and this one also to later versions of them.
        CudaOptions.BlasProvider chosen = options.blas().orElse(CudaOptions.BlasProvider.FFM);
        return switch (chosen) {
            case FFM -> {
                require(CudaLibrary.CUBLAS_LT);
                yield stream -> new CublasBlas(stream, options.precision(), FfmCublasLt::new);
            }
            case JCUBLAS -> {
                require(CudaLibrary.CUBLAS_12);
                yield stream -> new CublasBlas(stream, options.precision(), JCublasCalls::new);
            }
        };
    }

    /**
     * Makes the provider of convolutions, given a stream.
     *
     * @throws StampException if a property names a library that is missing
     */
    static Function<CudaStream, Dnn> dnn(CudaOptions options) {
        return switch (options.dnn().orElseGet(Providers::firstDnn)) {
            case FFM -> {
                require(CudaLibrary.CUDNN);
                yield stream -> new CudnnDnn(stream, options.precision(), new FfmCudnn());
            }
            case JCUDNN -> {
                require(CudaLibrary.CUDNN_8);
                yield stream -> new CudnnDnn(stream, options.precision(), JCudnnLoader.load());
            }
            case OWN -> _ -> Dnn.none();
        };
    }

    private static CudaOptions.DnnProvider firstDnn() {
        if (isThere(CudaLibrary.CUDNN)) {
            return CudaOptions.DnnProvider.FFM;
        }
        return isThere(CudaLibrary.CUDNN_8) ? CudaOptions.DnnProvider.JCUDNN : CudaOptions.DnnProvider.OWN;
    }

    /**
     * Makes what computes convolutions, given a stream: the library and our own kernels, chosen by rule or by measurement.
     *
     * @throws StampException as {@link #dnn}
     */
    static Function<CudaStream, Convolver> convolver(CudaOptions options, KernelImage image) {
        Function<CudaStream, Dnn> library = dnn(options);
        return stream -> {
            Dnn opened = library.apply(stream);
            Optional<MeasuredChoice> measured = options.choices()
                    .map(file -> new MeasuredChoice(
                            new ChoiceRecord(file, conditions(options, stream, opened, image)),
                            new EventTimer(stream.handle())));
            return new Convolver(stream, opened, new OwnConvolution(stream, options.precision()), measured);
        };
    }

    /** What a choice depends on beside the problem. */
    private static String conditions(CudaOptions options, CudaStream stream, Dnn library, KernelImage image) {
        return stream.properties().description() + "; driver for CUDA " + LibraryVersions.driver() + "; "
                + library.description() + "; " + options.precision().name().toLowerCase(Locale.ROOT) + "; kernels "
                + image.fingerprint();
    }

    private static boolean isThere(CudaLibrary library) {
        return Libraries.find(library).found();
    }

    private static void require(CudaLibrary library) {
        Finding finding = Libraries.find(library);
        if (!finding.found()) {
            throw new StampException(finding.whyMissing());
        }
    }
}
