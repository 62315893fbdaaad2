package io.stamp.tests.cuda;

import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.blas.Blas;
import io.stamp.kernels.blas.CublasBlas;
import io.stamp.kernels.blas.FfmCublasLt;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.DeviceContext;
import io.stamp.kernels.device.DevicePool;
import io.stamp.kernels.device.Precision;
import io.stamp.kernels.dnn.Convolver;
import io.stamp.kernels.dnn.CudnnDnn;
import io.stamp.kernels.dnn.Dnn;
import io.stamp.kernels.dnn.FfmCudnn;
import io.stamp.kernels.dnn.MeasuredChoice;
import io.stamp.kernels.dnn.OwnAlgorithms;
import io.stamp.kernels.op.OwnConvolution;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A stream without the backend around it, on the fake device unless the property {@code stamp.test.cuda} is {@code real}. */
final class OpenStream implements AutoCloseable {
    final DeviceContext context;
    final DevicePool pool;
    final CudaStream stream;
    /** cuDNN and our own kernels on the stream. */
    final Dnn library;

    final OwnAlgorithms own;

    final Blas blas;
    final Convolver convolver;

    /** Convolutions are chosen by the fixed rule. */
    static OpenStream byRule(Precision precision) {
        return new OpenStream(precision, Optional.empty());
    }

    /** Convolutions are chosen by that. */
    static OpenStream choosing(MeasuredChoice measured) {
        return new OpenStream(Precision.STRICT, Optional.of(measured));
    }

    private OpenStream(Precision precision, Optional<MeasuredChoice> measured) {
        FakeCuda.require();
        context = DeviceContext.open(0);
        pool = DevicePool.of(context);
        stream = new CudaStream(context, context.load(image(), "the kernels"), pool);
        blas = new CublasBlas(stream, precision, FfmCublasLt::new);
        library = new CudnnDnn(stream, precision, new FfmCudnn());
        own = new OwnConvolution(stream, precision);
        convolver = new Convolver(stream, library, own, measured);
    }

    /** As the backend finds them: the file that the property names, else those of the build. */
    private static byte[] image() {
        String file = System.getProperty("stamp.cuda.kernels");
        try (InputStream stream = file != null
                ? Files.newInputStream(Path.of(file))
                : CudaBackend.class.getResourceAsStream("kernels.fatbin")) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address of a copy; it is valid until {@link #read}. */
    long onDevice(float[] values) {
        DeviceBuffer buffer = stream.scratch((long) values.length * Float.BYTES);
        stream.write(buffer.address(), values, 0, values.length);
        return buffer.address();
    }

    /** The address of an array of zeros. */
    long room(int count) {
        return onDevice(new float[count]);
    }

    /** Ends the op at hand. */
    float[] read(long address, int count) {
        float[] values = new float[count];
        stream.read(address, values);
        stream.end();
        return values;
    }

    @Override
    public void close() {
        stream.synchronise();
        convolver.close();
        blas.close();
        stream.close();
        pool.close();
    }
}
