package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import io.stamp.engine.math.SpecialFunctions;
import java.util.List;

/** {@code ln(1 - exp(x))} for negative x, without cancellation near 0 and -infinity (Maechler 2012, "Accurately computing log(1 - exp(-|a|))"). */
public record Log1mExp() implements UnaryOp {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new Log1mExp(), x);
    }

    @Override
    public double value(double x) {
        return SpecialFunctions.log1mExp(x);
    }

    @Override
    public boolean savesOutput() {
        return true;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor slope = Exp.of(context.input(0).minus(context.output()));
        return List.of(context.gradient().times(slope.times(-1)));
    }
}
