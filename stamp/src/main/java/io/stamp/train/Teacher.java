package io.stamp.train;

import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Network;
import io.stamp.model.Model;
import io.stamp.model.ModelFingerprint;
import java.util.function.UnaryOperator;

/**
 * A trained network that others learn from beside the labels. It sees the same augmented images as they do, with its running batch-norm
 * statistics, and does not change.
 */
public record Teacher(Model model, Distillation distillation) {
    /** @throws StampException where a network of such outputs and images cannot learn from this one */
    public void requireFits(Network student) {
        Network own = model.network();
        if (own.classes() != student.classes()) {
            throw new StampException("The teacher knows " + own.classes() + " classes, but the network that is to learn"
                    + " from it has " + student.classes() + "; take a teacher that was trained on the same data.");
        }
        if (!own.input().equals(student.input())) {
            throw new StampException("The teacher takes images of " + own.input() + ", but the network that is to learn"
                    + " from it takes " + student.input() + "; take a teacher for the same images.");
        }
    }

    /** The loss of its students on a backend; what it needs there belongs to the innermost scope. */
    Objective objective(Backend backend) {
        UnaryOperator<Tensor> logits = model.on(backend).inferenceFunction();
        return (images, student, labels) -> distillation.loss(student, labels, logits.apply(images));
    }

    /** Which teacher and how, to tell a training that is to be continued from others. */
    public String identity() {
        return "distilled from " + ModelFingerprint.of(model) + ", " + distillation;
    }
}
