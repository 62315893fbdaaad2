package io.stamp.kernels;

import io.stamp.engine.Backend;
import io.stamp.engine.Op;
import io.stamp.engine.Update;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.Log;
import io.stamp.engine.op.Log1mExp;
import io.stamp.engine.op.LogBeta;
import io.stamp.engine.op.LogGamma;
import io.stamp.engine.op.LogSoftmax;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.MaxUnpool;
import io.stamp.engine.op.Moments;
import io.stamp.engine.op.Multiply;
import io.stamp.engine.op.Pad;
import io.stamp.engine.op.Polygamma;
import io.stamp.engine.op.Power;
import io.stamp.engine.op.RangeMask;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.ReluMask;
import io.stamp.engine.op.Reshape;
import io.stamp.engine.op.Scatter;
import io.stamp.engine.op.Sigmoid;
import io.stamp.engine.op.Slice;
import io.stamp.engine.op.Softplus;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.op.Transpose;
import io.stamp.engine.op.Uniform;
import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.op.BatchNormalisation;
import io.stamp.kernels.op.Broadcasting;
import io.stamp.kernels.op.Convolutions;
import io.stamp.kernels.op.Elementwise;
import io.stamp.kernels.op.KernelContext;
import io.stamp.kernels.op.MatrixMultiplication;
import io.stamp.kernels.op.Pooling;
import io.stamp.kernels.op.RandomNumbers;
import io.stamp.kernels.op.Rows;
import io.stamp.kernels.op.Softmax;
import io.stamp.kernels.op.Steps;
import io.stamp.kernels.op.Sums;
import io.stamp.kernels.op.Transposition;
import java.util.HashMap;
import java.util.Map;

/** Which kernel runs which op. There is no fallback: an op that is not in the table is an error. */
final class CudaKernels {
    private static final Map<Class<?>, CudaKernel<?>> OPS = new HashMap<>();
    private static final Map<Class<?>, CudaUpdateKernel<?>> UPDATES = new HashMap<>();

    static {
        op(Add.class, Broadcasting::add);
        op(Multiply.class, Broadcasting::multiply);
        op(ReluMask.class, Broadcasting::reluMask);
        op(RangeMask.class, Broadcasting::rangeMask);
        op(LogBeta.class, Broadcasting::logBeta);
        op(BroadcastTo.class, Broadcasting::broadcastTo);
        op(Transpose.class, Transposition::transpose);

        op(Relu.class, Elementwise::relu);
        op(Affine.class, Elementwise::affine);
        op(Clip.class, Elementwise::clip);
        op(Power.class, Elementwise::power);
        op(Exp.class, Elementwise::exp);
        op(Log.class, Elementwise::log);
        op(Sigmoid.class, Elementwise::sigmoid);
        op(Softplus.class, Elementwise::softplus);
        op(Log1mExp.class, Elementwise::log1mExp);
        op(LogGamma.class, Elementwise::logGamma);
        op(Polygamma.class, Elementwise::polygamma);

        op(SumTo.class, Sums::sumTo);
        op(LogSoftmax.class, Softmax::logSoftmax);
        op(MatMul.class, MatrixMultiplication::matMul);
        op(Uniform.class, RandomNumbers::uniform);

        op(Concat.class, Rows::concat);
        op(Slice.class, Rows::slice);
        op(Pad.class, Rows::pad);
        op(Gather.class, Rows::gather);
        op(Scatter.class, Rows::scatter);
        op(Reshape.class, CudaKernels::alias);

        op(Conv2d.class, Convolutions::forward);
        op(FusedConv2d.class, Convolutions::fused);
        op(Conv2dInputGradient.class, Convolutions::inputGradient);
        op(Conv2dWeightGradient.class, Convolutions::weightGradient);
        op(MaxPool.class, Pooling::pool);
        op(MaxUnpool.class, Pooling::unpool);

        op(Moments.class, BatchNormalisation::moments);
        op(BatchNorm.class, BatchNormalisation::forward);
        op(BatchNormSums.class, BatchNormalisation::sums);
        op(BatchNormInputGradient.class, BatchNormalisation::inputGradient);

        update(SgdStep.class, Steps::sgd);
        update(AdamStep.class, Steps::adam);
        update(MovingAverage.class, Steps::movingAverage);
    }

    private CudaKernels() {}

    private static <O extends Op> void op(Class<O> type, CudaKernel<O> kernel) {
        OPS.put(type, kernel);
    }

    private static <U extends Update> void update(Class<U> type, CudaUpdateKernel<U> kernel) {
        UPDATES.put(type, kernel);
    }

    private static void alias(Reshape op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        if (in[0].address() != out.address()) {
            throw new IllegalStateException("A reshaped tensor has memory of its own.");
        }
    }

    static <O extends Op> void run(O op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        @SuppressWarnings("unchecked")
        CudaKernel<O> kernel = (CudaKernel<O>) OPS.get(op.getClass());
        if (kernel == null) {
            throw missing(op.name());
        }
        kernel.run(op, in, out, context);
    }

    static <U extends Update> void run(U update, DeviceFloats[][] tuples, KernelContext context) {
        @SuppressWarnings("unchecked")
        CudaUpdateKernel<U> kernel = (CudaUpdateKernel<U>) UPDATES.get(update.getClass());
        if (kernel == null) {
            throw missing(update.name());
        }
        kernel.run(update, tuples, context);
    }

    private static IllegalStateException missing(String name) {
        return new IllegalStateException("The backend cuda has no kernel for " + name + "; add one to CudaKernels.");
    }

    static Backend.Support supports(Class<?> opOrUpdate) {
        return OPS.containsKey(opOrUpdate) || UPDATES.containsKey(opOrUpdate)
                ? new Backend.Support(true, "has a kernel of its own")
                : new Backend.Support(false, "has no kernel for " + opOrUpdate.getSimpleName());
    }
}
