package io.stamp.method;

import io.stamp.meta.JointTraining;
import io.stamp.method.importance.L1Norm;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.GroupPolicy;
import io.stamp.prune.PlanSearch;
import io.stamp.train.TrainingPlan;
import java.util.Set;

/** How a pretrained network becomes a joint one unless told otherwise: see {@link JointTraining}. */
public final class JointBackbone {
    /** Before a method's name: on the joint backbone. */
    public static final String PREFIX = "joint:";

    public static final int EPOCHS = 10;
    public static final int BATCH = 64;
    public static final double RATE = 0.05;

    /** Smaller networks are hardly used; narrow ones cannot be made as small. */
    private static final double LOWEST = 0.05;

    private static final double HIGHEST = 0.6;

    private JointBackbone() {}

    /**
     * Small networks keep the channels whose filters have the largest absolute weights, which the training makes larger still.
     *
     * @throws io.stamp.engine.StampException where nothing of the network can be pruned
     */
    public static JointTraining training(Model backbone, GroupPolicy policy, TrainingPlan plan) {
        ChannelGroups groups = ChannelGroups.of(backbone.network(), policy, Set.of());
        double lowest = Math.max(LOWEST, new PlanSearch(groups).leastShare(Cost.Kind.MACS));
        return new JointTraining(
                groups, L1Norm.scores(backbone, groups), plan, Budget.macs(lowest), Math.max(lowest, HIGHEST));
    }
}
