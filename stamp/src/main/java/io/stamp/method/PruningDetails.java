package io.stamp.method;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.model.Model;
import io.stamp.model.ModelFingerprint;
import io.stamp.prune.Budget;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Cost;
import io.stamp.prune.GroupPolicy;
import io.stamp.prune.Parity;
import io.stamp.prune.PruningPlan;
import io.stamp.prune.Stage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What was removed from a network and why: goes into the checkpoint of the small network and into reports.
 *
 * @param method what chose the channels
 * @param groups which channel groups could be pruned, as {@link GroupPolicy} writes it
 * @param backbone fingerprint of the network that was pruned, see {@link ModelFingerprint}
 * @param cost what requested and achieved are about: {@code macs}, {@code params} or {@code latency}, which is what a table predicts
 * @param requested share of the full network's cost that was asked for; null where a threshold decided
 * @param achieved share that is left
 * @param budgetUsed achieved / requested; null where a threshold decided
 * @param threshold expected gate from which on channels stayed; null where a budget decided
 * @param fullParameters before, with the head for the target's classes
 * @param fullMacs before, with the head for the target's classes, per image
 * @param parameters left
 * @param macs left, per image
 * @param channels of every prunable group before
 * @param kept for every prunable group the channels that stayed, counted from 0
 */
public record PruningDetails(
        String method,
        String groups,
        String backbone,
        String cost,
        Double requested,
        double achieved,
        Double budgetUsed,
        Double threshold,
        long fullParameters,
        long fullMacs,
        long parameters,
        long macs,
        SortedMap<String, Integer> channels,
        SortedMap<String, List<Integer>> kept,
        List<Stage> stages,
        Difference parity) {
    /** The field of a checkpoint's metadata that holds these details. */
    public static final String FIELD = "pruning";

    /** {@code max|difference| / max|logit|} between masked and compacted network, with the largest that is accepted. */
    public record Difference(
            double reference, double referenceBound, double running, double runningBound, String backend) {
        static Difference of(Parity parity) {
            return new Difference(
                    parity.reference(),
                    Parity.REFERENCE_BOUND,
                    parity.running(),
                    Parity.RUNNING_BOUND,
                    parity.backend());
        }
    }

    /**
     * Of a compacted network.
     *
     * @param backbone as it was before it got a head for the target
     * @param threshold where the plan has no budget
     */
    public static PruningDetails of(
            String method, GroupPolicy policy, Model backbone, Optional<Double> threshold, CompactModel compact) {
        PruningPlan plan = compact.plan();
        Cost.Kind kind = plan.budget().map(Budget::kind).orElse(Cost.Kind.MACS);
        return new PruningDetails(
                method,
                policy.toString(),
                ModelFingerprint.of(backbone),
                kind.toString(),
                plan.budget().map(Budget::fraction).orElse(null),
                (double) plan.achieved().of(kind) / plan.full().of(kind),
                plan.budgetUsed().orElse(null),
                threshold.orElse(null),
                plan.full().parameters(),
                plan.full().macs(),
                plan.achieved().parameters(),
                plan.achieved().macs(),
                plan.groups().sizes(),
                plan.kept(),
                plan.stages(),
                Difference.of(compact.parity()));
    }

    /** What was done, for people. */
    public String sentence() {
        int all = channels.values().stream().mapToInt(size -> size).sum();
        int left = kept.values().stream().mapToInt(List::size).sum();
        return String.format(
                Locale.ROOT,
                "%d of %d channels are removed for good: %.2f %% of the MACs and %.2f %% of the parameters are left. Channels kept: %s."
                        + " The logits of the small network agree with those of the large one with zeroed channels (largest relative"
                        + " difference %.1e).",
                all - left,
                all,
                100.0 * macs / fullMacs,
                100.0 * parameters / fullParameters,
                Stage.sentence(stages),
                parity.running);
    }

    /**
     * Reads what {@link #toJson} put into a checkpoint.
     *
     * @throws StampException where it is not a network that was made small, or its metadata are not readable
     */
    public static PruningDetails of(Checkpoint checkpoint) {
        checkpoint.require(Checkpoint.Kind.COMPACT);
        try {
            return new ObjectMapper().treeToValue(checkpoint.field(FIELD), PruningDetails.class);
        } catch (JsonProcessingException e) {
            throw new StampException(
                    checkpoint.origin() + " does not tell what was removed from it (" + e.getOriginalMessage()
                            + "); prune anew.",
                    e);
        }
    }

    /** For {@link io.stamp.model.ModelFile}'s details, under {@link #FIELD}. */
    public ObjectNode toJson() {
        return new ObjectMapper().valueToTree(this);
    }
}
