package io.stamp.engine.vector;

import io.stamp.engine.Backend;
import io.stamp.engine.Op;
import io.stamp.engine.Update;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.BinaryOp;
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
import io.stamp.engine.op.UnaryOp;
import io.stamp.engine.op.Uniform;
import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.engine.vector.convolution.Convolution;
import io.stamp.engine.vector.elementwise.Broadcasting;
import io.stamp.engine.vector.elementwise.Mapping;
import io.stamp.engine.vector.elementwise.OptimiserSteps;
import io.stamp.engine.vector.elementwise.RandomNumbers;
import io.stamp.engine.vector.elementwise.Rows;
import io.stamp.engine.vector.gemm.Gemm;
import io.stamp.engine.vector.reduction.BatchNormalisation;
import io.stamp.engine.vector.reduction.Pooling;
import io.stamp.engine.vector.reduction.Softmax;
import io.stamp.engine.vector.reduction.Sums;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Workers;
import java.util.HashMap;
import java.util.Map;

/** Which kernel runs which op. There is no fallback: an op that is not in the table is an error. */
final class VectorKernels {
    private static final Map<Class<?>, Kernel<?>> OPS = new HashMap<>();
    private static final Map<Class<?>, UpdateKernel<?>> UPDATES = new HashMap<>();

    static {
        op(Add.class, Broadcasting::add);
        op(Multiply.class, Broadcasting::multiply);
        op(ReluMask.class, Broadcasting::reluMask);
        op(RangeMask.class, Broadcasting::rangeMask);
        op(BroadcastTo.class, Broadcasting::broadcastTo);
        op(Transpose.class, Broadcasting::transpose);
        preciseBinary(LogBeta.class);

        op(Relu.class, Mapping::relu);
        op(Affine.class, Mapping::affine);
        op(Clip.class, Mapping::clip);
        op(Power.class, Mapping::power);
        preciseUnary(Exp.class);
        preciseUnary(Log.class);
        preciseUnary(Sigmoid.class);
        preciseUnary(Softplus.class);
        preciseUnary(Log1mExp.class);
        preciseUnary(LogGamma.class);
        preciseUnary(Polygamma.class);

        op(SumTo.class, Sums::sumTo);
        op(LogSoftmax.class, Softmax::logSoftmax);
        op(MatMul.class, VectorKernels::matMul);
        op(Uniform.class, RandomNumbers::uniform);

        op(Concat.class, Rows::concat);
        op(Slice.class, Rows::slice);
        op(Pad.class, Rows::pad);
        op(Gather.class, Rows::gather);
        op(Scatter.class, Rows::scatter);
        op(Reshape.class, VectorKernels::alias);

        op(
                Conv2d.class,
                (op, in, out, workers) ->
                        Convolution.forward(op.geometry(), in[0].data(), in[1].data(), out.data(), workers));
        op(FusedConv2d.class, Convolution::fused);
        op(
                Conv2dInputGradient.class,
                (op, in, out, workers) ->
                        Convolution.inputGradient(op.geometry(), in[0].data(), in[1].data(), out.data(), workers));
        op(
                Conv2dWeightGradient.class,
                (op, in, out, workers) ->
                        Convolution.weightGradient(op.geometry(), in[0].data(), in[1].data(), out.data(), workers));
        op(MaxPool.class, Pooling::pool);
        op(MaxUnpool.class, Pooling::unpool);

        op(Moments.class, BatchNormalisation::moments);
        op(BatchNorm.class, BatchNormalisation::forward);
        op(BatchNormSums.class, BatchNormalisation::sums);
        op(BatchNormInputGradient.class, BatchNormalisation::inputGradient);

        update(SgdStep.class, OptimiserSteps::sgd);
        update(AdamStep.class, OptimiserSteps::adam);
        update(MovingAverage.class, OptimiserSteps::movingAverage);
    }

    private VectorKernels() {}

    private static <O extends Op> void op(Class<O> type, Kernel<O> kernel) {
        OPS.put(type, kernel);
    }

    private static <O extends UnaryOp> void preciseUnary(Class<O> type) {
        OPS.put(type, (Kernel<O>) Mapping::precise);
    }

    private static <O extends BinaryOp> void preciseBinary(Class<O> type) {
        OPS.put(type, (Kernel<O>) Broadcasting::precise);
    }

    private static <U extends Update> void update(Class<U> type, UpdateKernel<U> kernel) {
        UPDATES.put(type, kernel);
    }

    private static void matMul(MatMul op, Floats[] in, Floats out, Workers workers) {
        MatMul.Sizes s = op.sizes(in[0].shape(), in[1].shape());
        Gemm.batched(
                s.batch(),
                op.transposeLeft(),
                op.transposeRight(),
                s.m(),
                s.n(),
                s.k(),
                in[0].data(),
                0,
                s.m() * s.k(),
                in[1].data(),
                0,
                s.k() * s.n(),
                out.data(),
                0,
                s.m() * s.n(),
                workers);
    }

    private static void alias(Reshape op, Floats[] in, Floats out, Workers workers) {
        if (in[0].data() != out.data()) {
            throw new IllegalStateException("A reshaped tensor has memory of its own.");
        }
    }

    static <O extends Op> void run(O op, Floats[] in, Floats out, Workers workers) {
        @SuppressWarnings("unchecked")
        Kernel<O> kernel = (Kernel<O>) OPS.get(op.getClass());
        if (kernel == null) {
            throw missing(op.name());
        }
        kernel.run(op, in, out, workers);
    }

    static <U extends Update> void run(U update, Floats[] tensors, Workers workers) {
        @SuppressWarnings("unchecked")
        UpdateKernel<U> kernel = (UpdateKernel<U>) UPDATES.get(update.getClass());
        if (kernel == null) {
            throw missing(update.name());
        }
        kernel.run(update, tensors, workers);
    }

    private static IllegalStateException missing(String name) {
        return new IllegalStateException(
                "The backend vector has no kernel for " + name + "; add one to VectorKernels.");
    }

    static Backend.Support supports(Class<?> opOrUpdate) {
        return OPS.containsKey(opOrUpdate) || UPDATES.containsKey(opOrUpdate)
                ? new Backend.Support(true, "has a kernel of its own")
                : new Backend.Support(false, "has no kernel for " + opOrUpdate.getSimpleName());
    }
}
