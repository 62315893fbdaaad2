package io.stamp.meta;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.List;

/** The outer gradient of one task, by the configured order. */
record OuterStep(MaskObjective objective) {
    /** Query images judge the adapted generator in batches of this many inner batches. */
    private static final int QUERY_BATCHES = 2;

    /**
     * @param gradients for the outer optimiser, owned by the caller's scope
     * @param supportLoss of the last inner step
     * @param queryLoss at the adapted parameters
     */
    record Outcome(Parameters gradients, double supportLoss, double queryLoss) {}

    /** {@code steps} inner steps; with none, every order is the plain gradient of the query loss. */
    Outcome run(Parameters generator, Task task, int steps) {
        try (Scope scope = Scope.open()) {
            Outcome outcome = run(generator, objective.head(generator, task), task, steps);
            outcome.gradients.keptBy(scope);
            return outcome;
        }
    }

    /** As above with a head that is fitted already. */
    Outcome run(Parameters generator, Parameters head, Task task, int steps) {
        try (Scope scope = Scope.open()) {
            Outcome outcome =
                    switch (steps == 0
                            ? MetaConfig.Order.FOMAML
                            : objective.config().outer().order()) {
                        case FOMAML -> firstOrder(generator, head, task, steps);
                        case REPTILE -> reptile(generator, head, task, steps);
                        case MAML -> exact(generator, head, task, steps);
                    };
            outcome.gradients.keptBy(scope);
            return outcome;
        }
    }

    private Outcome firstOrder(Parameters generator, Parameters head, Task task, int steps) {
        InnerLoop.Adapted adapted = new InnerLoop(objective).adapt(generator, head, task, steps);
        Parameters leaves = adapted.generator().leaves();
        Tensor loss = queryLoss(leaves, adapted.head(), task, steps);
        List<Tensor> gradients = Autograd.gradients(loss, leaves.tensors());
        return new Outcome(generator.withTensors(gradients), adapted.loss(), loss.scalar());
    }

    private Outcome reptile(Parameters generator, Parameters head, Task task, int steps) {
        InnerLoop.Adapted adapted = new InnerLoop(objective).adapt(generator, head, task, steps);
        double loss =
                queryLoss(adapted.generator(), adapted.head(), task, steps).scalar();
        return new Outcome(generator.zip(adapted.generator(), Tensor::minus), adapted.loss(), loss);
    }

    private Outcome exact(Parameters generator, Parameters head, Task task, int steps) {
        Parameters leaves = generator.leaves();
        InnerLoop.Adapted adapted = new InnerLoop(objective).unroll(leaves, head, task, steps);
        Tensor loss = queryLoss(adapted.generator(), adapted.head(), task, steps);
        List<Tensor> gradients = Autograd.gradients(loss, leaves.tensors());
        return new Outcome(generator.withTensors(gradients), adapted.loss(), loss.scalar());
    }

    /** The query half's loss; its noise and images follow those of the inner steps. */
    private Tensor queryLoss(Parameters generator, Parameters head, Task task, int next) {
        MetaConfig config = objective.config();
        int[] set = task.set(config.inner().setSize(), next);
        int[] images = task.batch(task.query(), QUERY_BATCHES * config.inner().batch(), next);
        return objective.loss(generator, head, task, set, images, next);
    }
}
