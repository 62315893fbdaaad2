package io.stamp.meta;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.optim.DifferentiableAdam;
import io.stamp.engine.optim.Sgd;
import io.stamp.train.DivergedException;
import java.util.ArrayList;
import java.util.List;

/** Adapts the generator and a head to a task by a few gradient steps: Adam for the generator, SGD for the head. */
record InnerLoop(MaskObjective objective) {
    private static final Sgd.Options PLAIN = new Sgd.Options(0, 0, false);

    /**
     * @param generator adapted parameters
     * @param head adapted head
     * @param loss of the last step, before it
     */
    record Adapted(Parameters generator, Parameters head, double loss) {}

    /** First order: adapts copies; the memory needed does not depend on the number of steps. */
    Adapted adapt(Parameters generator, Parameters head, Task task, int steps) {
        Parameters adaptedGenerator = generator.copies();
        Parameters adaptedHead = head.copies();
        try (Scope _ = Scope.open()) {
            Adam adam = new Adam(Adam.Options.DEFAULT, adaptedGenerator);
            Sgd sgd = new Sgd(PLAIN, adaptedHead);
            double loss = Double.NaN;
            for (int step = 0; step < steps; step++) {
                loss = step(adaptedGenerator, adaptedHead, adam, sgd, task, step);
            }
            return new Adapted(adaptedGenerator, adaptedHead, loss);
        }
    }

    private double step(Parameters generator, Parameters head, Adam adam, Sgd sgd, Task task, int step) {
        MetaConfig config = objective.config();
        try (Scope _ = Scope.open()) {
            Parameters generatorLeaves = generator.leaves();
            Parameters headLeaves = head.leaves();
            Tensor loss = loss(generatorLeaves, headLeaves, task, step);
            List<Tensor> gradients = Autograd.gradients(loss, joined(generatorLeaves, headLeaves));
            int split = generatorLeaves.names().size();
            adam.step(
                    generator,
                    generator.withTensors(gradients.subList(0, split)),
                    config.inner().generatorRate());
            sgd.step(
                    head,
                    head.withTensors(gradients.subList(split, gradients.size())),
                    config.inner().headRate());
            return finite(loss, step);
        }
    }

    private static double finite(Tensor loss, int step) {
        double value = loss.scalar();
        if (!Double.isFinite(value)) {
            throw new DivergedException("The loss became " + value + " in step " + step
                    + " of adapting a mask; use a lower generator or head rate.");
        }
        return value;
    }

    /** Second order: a differentiable function of the given leaves; the graph of all steps is kept. */
    Adapted unroll(Parameters generator, Parameters head, Task task, int steps) {
        MetaConfig config = objective.config();
        DifferentiableAdam adam = DifferentiableAdam.start(Adam.Options.DEFAULT, generator.detached());
        Parameters currentGenerator = generator;
        Parameters currentHead = head.leaves();
        double last = Double.NaN;
        for (int step = 0; step < steps; step++) {
            Tensor loss = loss(currentGenerator, currentHead, task, step);
            List<Tensor> gradients = Autograd.gradients(loss, joined(currentGenerator, currentHead), true);
            int split = currentGenerator.names().size();
            DifferentiableAdam.Stepped stepped = adam.step(
                    currentGenerator,
                    gradients.subList(0, split),
                    config.inner().generatorRate());
            currentHead = Sgd.differentiableStep(
                    currentHead,
                    gradients.subList(split, gradients.size()),
                    config.inner().headRate());
            currentGenerator = stepped.parameters();
            adam = stepped.optimiser();
            last = finite(loss, step);
        }
        return new Adapted(currentGenerator, currentHead, last);
    }

    private Tensor loss(Parameters generator, Parameters head, Task task, int step) {
        MetaConfig config = objective.config();
        int[] set = task.set(config.inner().setSize(), step);
        int[] images = task.batch(task.support(), config.inner().batch(), step);
        return objective.loss(generator, head, task, set, images, step);
    }

    private static List<Tensor> joined(Parameters generator, Parameters head) {
        List<Tensor> all = new ArrayList<>(generator.tensors());
        all.addAll(head.tensors());
        return all;
    }
}
