package io.stamp.kernels.dnn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.Cudnn;
import io.stamp.kernels.bind.CudnnConvolution;
import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.bind.CudnnFusedConvolution;
import io.stamp.kernels.bind.LibraryVersions;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalLong;

/** cuDNN 9 through FFM. */
public final class FfmCudnn implements CudnnCalls {
    private static final int VERSION = 9;
    private static final long ONE = Arena.global().allocateFrom(JAVA_FLOAT, 1).address();
    private static final long ZERO = Arena.global().allocateFrom(JAVA_FLOAT, 0).address();

    private final long version = LibraryVersions.cudnnNumber();

    /** @throws StampException if cuDNN is missing or of another version */
    public FfmCudnn() {
        if (version / 10000 != VERSION) {
            throw new StampException("cuDNN is of version " + LibraryVersions.triple(version)
                    + ", and STAMP needs version 9; see `doctor` for where it came from.");
        }
    }

    private static CudnnConvolution call(ConvDirection direction) {
        return switch (direction) {
            case FORWARD -> CudnnConvolution.FORWARD;
            case INPUT_GRADIENT -> CudnnConvolution.BACKWARD_DATA;
            case WEIGHT_GRADIENT -> CudnnConvolution.BACKWARD_FILTER;
        };
    }

    @Override
    public String description() {
        return "cuDNN " + LibraryVersions.triple(version);
    }

    @Override
    public String binding() {
        return "ffm";
    }

    @Override
    public long create() {
        return Cudnn.create();
    }

    @Override
    public void destroy(long handle) {
        Cudnn.destroy(handle);
    }

    @Override
    public void setStream(long handle, long stream) {
        Cudnn.setStream(handle, stream);
    }

    @Override
    public long tensor(CudnnType type, int images, int height, int width, int channels) {
        return Cudnn.tensor(type.number(), images, height, width, channels);
    }

    @Override
    public void destroyTensor(long descriptor) {
        Cudnn.destroyTensor(descriptor);
    }

    @Override
    public long filter(CudnnType type, int outputs, int height, int width, int inputs) {
        return Cudnn.filter(type.number(), outputs, height, width, inputs);
    }

    @Override
    public void destroyFilter(long descriptor) {
        Cudnn.destroyFilter(descriptor);
    }

    @Override
    public long convolution(int padding, int stride, int groups, int math) {
        return Cudnn.convolution(padding, stride, groups, math);
    }

    @Override
    public void destroyConvolution(long descriptor) {
        Cudnn.destroyConvolution(descriptor);
    }

    @Override
    public long activation(boolean relu) {
        return CudnnFusedConvolution.activation(relu);
    }

    @Override
    public void destroyActivation(long descriptor) {
        CudnnFusedConvolution.destroyActivation(descriptor);
    }

    @Override
    public List<Algorithm> algorithms(ConvDirection direction, long handle, Descriptors descriptors) {
        return call(direction).algorithms(handle, descriptors);
    }

    @Override
    public OptionalLong workspaceBytes(ConvDirection direction, long handle, Descriptors descriptors, int algorithm) {
        return call(direction).workspaceBytes(handle, descriptors, algorithm);
    }

    @Override
    public void run(
            ConvDirection direction,
            long handle,
            Descriptors descriptors,
            int algorithm,
            long first,
            long second,
            long workspace,
            long workspaceBytes,
            long result) {
        call(direction)
                .run(handle, descriptors, algorithm, ONE, first, second, workspace, workspaceBytes, ZERO, result);
    }

    @Override
    public void runFused(
            long handle,
            CudnnFusedConvolution.Descriptors descriptors,
            int algorithm,
            ConvOperands operands,
            long workspace,
            long workspaceBytes) {
        boolean hasResidual = operands.residual() != 0;
        CudnnFusedConvolution.run(
                handle,
                descriptors,
                algorithm,
                ONE,
                operands.first(),
                operands.second(),
                workspace,
                workspaceBytes,
                hasResidual ? ONE : ZERO,
                hasResidual ? operands.residual() : operands.result(),
                operands.bias(),
                operands.result());
    }
}
