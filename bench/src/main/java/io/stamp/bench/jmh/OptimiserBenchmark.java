package io.stamp.bench.jmh;

import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.SgdStep;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** One step of an optimiser on one parameter. */
public class OptimiserBenchmark extends EngineBenchmark {
    /** Small, so that the values stay ordinary numbers over millions of steps in the same direction. */
    private static final double RATE = 1e-9;

    /** Elements: a layer of ResNet-20, one of ResNet-18, all of ResNet-18. */
    @Param({"2304", "2359296", "11173962"})
    int size;

    private final SgdStep sgd = new SgdStep(0.9, 5e-4, true);
    private final AdamStep adam = new AdamStep(0.9, 0.999, 1e-8);
    private Tensor parameter;
    private Tensor first;
    private Tensor second;
    private Tensor gradient;
    private Tensor rate;
    private Tensor factors;
    private Work sgdWork;
    private Work adamWork;

    @Override
    void read() {
        requireAtLeast(1, SIZE, size);
    }

    @Override
    void prepare() {
        parameter = noise(size);
        first = noise(size);
        second = noise(size).power(2);
        gradient = noise(size);
        rate = Tensor.of(gradient.backend(), Shape.of(1), RATE);
        factors = Tensor.of(gradient.backend(), Shape.of(AdamStep.FACTORS), Adam.Options.DEFAULT.factors(RATE, 1000));
        sgdWork = Work.touching(gradient).plus(Work.touching(parameter, first).times(2));
        adamWork = Work.touching(gradient)
                .plus(Work.touching(parameter, first, second).times(2));
        measureRoofline(adamWork);
    }

    @Benchmark
    public void sgd(Rates rates) {
        sgd.run(parameter, first, gradient, rate);
        rates.count(sgdWork, roofline());
    }

    @Benchmark
    public void adam(Rates rates) {
        adam.run(parameter, first, second, gradient, factors);
        rates.count(adamWork, roofline());
    }
}
