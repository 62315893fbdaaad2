package io.stamp.kernels.jcuda;

import static io.stamp.kernels.jcuda.JCudnnCalls.check;
import static io.stamp.kernels.jcuda.JCudnnCalls.convolution;
import static io.stamp.kernels.jcuda.JCudnnCalls.filter;
import static io.stamp.kernels.jcuda.JCudnnCalls.handle;
import static io.stamp.kernels.jcuda.JCudnnCalls.tensor;

import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.dnn.ConvDirection;
import java.util.ArrayList;
import java.util.List;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnStatus;

/** The algorithms that cuDNN 8 offers. Its three functions differ in the types of their parameters and answers. */
final class JCudnnAlgorithms {
    private static final int MOST_ANSWERS = 16;

    private JCudnnAlgorithms() {}

    /** One of them, the algorithm that cuDNN expects to be fastest first. */
    static List<Algorithm> of(ConvDirection direction, long handle, Descriptors d) {
        return switch (direction) {
            case FORWARD -> forward(handle, d);
            case INPUT_GRADIENT -> inputGradient(handle, d);
            case WEIGHT_GRADIENT -> weightGradient(handle, d);
        };
    }

    private static List<Algorithm> forward(long handle, Descriptors d) {
        var answers = new cudnnConvolutionFwdAlgoPerf[MOST_ANSWERS];
        for (int i = 0; i < MOST_ANSWERS; i++) {
            answers[i] = new cudnnConvolutionFwdAlgoPerf();
        }
        int[] count = new int[1];
        int status = JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                handle(handle),
                tensor(d.first()),
                filter(d.second()),
                convolution(d.convolution()),
                tensor(d.result()),
                MOST_ANSWERS,
                count,
                answers);
        List<Algorithm> found = new ArrayList<>();
        for (int i = 0; i < answered(status, "cudnnGetConvolutionForwardAlgorithm_v7", count); i++) {
            found.add(new Algorithm(answers[i].algo, answers[i].status, answers[i].determinism));
        }
        return found;
    }

    private static List<Algorithm> inputGradient(long handle, Descriptors d) {
        var answers = new cudnnConvolutionBwdDataAlgoPerf[MOST_ANSWERS];
        for (int i = 0; i < MOST_ANSWERS; i++) {
            answers[i] = new cudnnConvolutionBwdDataAlgoPerf();
        }
        int[] count = new int[1];
        int status = JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                handle(handle),
                filter(d.first()),
                tensor(d.second()),
                convolution(d.convolution()),
                tensor(d.result()),
                MOST_ANSWERS,
                count,
                answers);
        List<Algorithm> found = new ArrayList<>();
        for (int i = 0; i < answered(status, "cudnnGetConvolutionBackwardDataAlgorithm_v7", count); i++) {
            found.add(new Algorithm(answers[i].algo, answers[i].status, answers[i].determinism));
        }
        return found;
    }

    private static List<Algorithm> weightGradient(long handle, Descriptors d) {
        var answers = new cudnnConvolutionBwdFilterAlgoPerf[MOST_ANSWERS];
        for (int i = 0; i < MOST_ANSWERS; i++) {
            answers[i] = new cudnnConvolutionBwdFilterAlgoPerf();
        }
        int[] count = new int[1];
        int status = JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                handle(handle),
                tensor(d.first()),
                tensor(d.second()),
                convolution(d.convolution()),
                filter(d.result()),
                MOST_ANSWERS,
                count,
                answers);
        List<Algorithm> found = new ArrayList<>();
        for (int i = 0; i < answered(status, "cudnnGetConvolutionBackwardFilterAlgorithm_v7", count); i++) {
            found.add(new Algorithm(answers[i].algo, answers[i].status, answers[i].determinism));
        }
        return found;
    }

    /** How many answers there are: none where the library or the device does not support the convolution. */
    private static int answered(int status, String call, int[] count) {
        if (status == cudnnStatus.CUDNN_STATUS_NOT_SUPPORTED || status == cudnnStatus.CUDNN_STATUS_ARCH_MISMATCH) {
            return 0;
        }
        check(status, call);
        return count[0];
    }
}
