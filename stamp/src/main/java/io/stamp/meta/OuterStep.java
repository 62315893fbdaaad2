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

    Outcome run(Parameters generator, Task task) {
        try (Scope scope = Scope.open()) {
            Parameters head = TaskHead.fit(task, objective.config().headSteps());
            Outcome outcome =
                    switch (objective.config().order()) {
                        case FOMAML -> firstOrder(generator, head, task);
                        case REPTILE -> reptile(generator, head, task);
                        case MAML -> exact(generator, head, task);
                    };
            outcome.gradients.keptBy(scope);
            return outcome;
        }
    }

    private Outcome firstOrder(Parameters generator, Parameters head, Task task) {
        InnerLoop.Adapted adapted = adapt(generator, head, task);
        Parameters leaves = adapted.generator().leaves();
        Tensor loss = queryLoss(leaves, adapted.head(), task);
        List<Tensor> gradients = Autograd.gradients(loss, leaves.tensors());
        return new Outcome(generator.withTensors(gradients), adapted.loss(), loss.scalar());
    }

    private Outcome reptile(Parameters generator, Parameters head, Task task) {
        InnerLoop.Adapted adapted = adapt(generator, head, task);
        double loss = queryLoss(adapted.generator(), adapted.head(), task).scalar();
        return new Outcome(generator.zip(adapted.generator(), Tensor::minus), adapted.loss(), loss);
    }

    private Outcome exact(Parameters generator, Parameters head, Task task) {
        Parameters leaves = generator.leaves();
        InnerLoop.Adapted adapted = new InnerLoop(objective)
                .unroll(leaves, head, task, objective.config().innerSteps());
        Tensor loss = queryLoss(adapted.generator(), adapted.head(), task);
        List<Tensor> gradients = Autograd.gradients(loss, leaves.tensors());
        return new Outcome(generator.withTensors(gradients), adapted.loss(), loss.scalar());
    }

    private InnerLoop.Adapted adapt(Parameters generator, Parameters head, Task task) {
        return new InnerLoop(objective)
                .adapt(generator, head, task, objective.config().innerSteps());
    }

    /** The query half's loss; its noise and images follow those of the inner steps. */
    private Tensor queryLoss(Parameters generator, Parameters head, Task task) {
        MetaConfig config = objective.config();
        int next = config.innerSteps();
        int[] set = task.set(config.setSize(), next);
        int[] images = task.batch(task.query(), QUERY_BATCHES * config.batch(), next);
        return objective.loss(generator, head, task, set, images, next);
    }
}
