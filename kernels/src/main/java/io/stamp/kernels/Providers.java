package io.stamp.kernels;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaLibrary;
import io.stamp.kernels.bind.Finding;
import io.stamp.kernels.bind.Libraries;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.blas.Blas;
import io.stamp.kernels.blas.CublasBlas;
import io.stamp.kernels.blas.FfmCublasLt;
import io.stamp.kernels.device.Queue;
import io.stamp.kernels.dnn.ChoiceRecord;
import io.stamp.kernels.dnn.Convolver;
import io.stamp.kernels.dnn.CudnnDnn;
import io.stamp.kernels.dnn.DeviceStopwatch;
import io.stamp.kernels.dnn.Dnn;
import io.stamp.kernels.dnn.FfmCudnn;
import io.stamp.kernels.dnn.JCudnnLoader;
import io.stamp.kernels.dnn.MeasuredChoice;
import io.stamp.kernels.jcuda.JCublasCalls;
import io.stamp.kernels.op.OwnConvolution;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which library computes products and convolutions. One that a property names is used or is an error.
 */
final class Providers {
    private Providers() {}

    /**
     * Makes the provider of products, given a queue.
     *
     * @throws StampException if its library is missing
     */
    static Function<Queue, Blas> products(CudaOptions options) {
        // Both ways lead to the same kernels, and this one also to later versions of them.
        CudaOptions.Products chosen = options.products().orElse(CudaOptions.Products.FFM);
        return switch (chosen) {
            case FFM -> {
                require(CudaLibrary.CUBLAS_LT);
                yield queue -> new CublasBlas(queue, FfmCublasLt::new);
            }
            case JCUBLAS -> {
                require(CudaLibrary.CUBLAS_12);
                yield queue -> new CublasBlas(queue, JCublasCalls::new);
            }
        };
    }

    /**
     * Makes the provider of convolutions, given a queue.
     *
     * @throws StampException if a property names a library that is missing
     */
    static Function<Queue, Dnn> convolutions(CudaOptions options) {
        if (options.convolutions().isPresent()) {
            return switch (options.convolutions().get()) {
                case FFM -> {
                    require(CudaLibrary.CUDNN);
                    yield Providers::throughFfm;
                }
                case JCUDNN -> {
                    require(CudaLibrary.CUDNN_8);
                    yield Providers::throughJCudnn;
                }
                case OWN -> _ -> Dnn.none();
            };
        }
        if (isThere(CudaLibrary.CUDNN)) {
            return Providers::throughFfm;
        }
        return isThere(CudaLibrary.CUDNN_8) ? Providers::throughJCudnn : _ -> Dnn.none();
    }

    /**
     * Makes what computes convolutions, given a queue: the library and our own kernels, chosen by rule or by measurement.
     *
     * @throws StampException as {@link #convolutions}
     */
    static Function<Queue, Convolver> convolver(CudaOptions options, KernelImage image) {
        Function<Queue, Dnn> library = convolutions(options);
        return queue -> {
            Dnn opened = library.apply(queue);
            Optional<MeasuredChoice> measured = options.choices()
                    .map(file -> new MeasuredChoice(
                            new ChoiceRecord(file, conditions(queue, opened, image)),
                            new DeviceStopwatch(queue.stream())));
            return new Convolver(queue, opened, new OwnConvolution(queue), measured);
        };
    }

    /** What a choice depends on beside the work. */
    private static String conditions(Queue queue, Dnn library, KernelImage image) {
        return queue.properties().description() + "; driver for CUDA " + LibraryVersions.driver() + "; "
                + library.description() + "; " + queue.precision().name().toLowerCase(Locale.ROOT) + "; kernels "
                + image.fingerprint();
    }

    private static Dnn throughFfm(Queue queue) {
        return new CudnnDnn(queue, new FfmCudnn());
    }

    private static Dnn throughJCudnn(Queue queue) {
        return new CudnnDnn(queue, JCudnnLoader.load());
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
