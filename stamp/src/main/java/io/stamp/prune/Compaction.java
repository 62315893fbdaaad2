package io.stamp.prune;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Gather;
import io.stamp.model.Model;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the small model that a plan describes; the full model is left as it is. */
public final class Compaction {
    private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);

    private Compaction() {}

    /** What goes along with the parameters. */
    public record Companions(Parameters optimiser, Map<String, Tensor> gates) {
        /** Nothing: gates are 1. */
        public static Companions none() {
            return new Companions(Parameters.empty(), Map.of());
        }

        /**
         * Optimiser state, named like the parameters or with a prefix before that name; it is sliced with the same indices. Single numbers
         * under other names, such as step counts, are carried over.
         */
        public Companions withOptimiser(Parameters state) {
            return new Companions(state, gates);
        }

        /** Gate values {@code [size]} by group, which are folded into the weights of the layers that read the group. */
        public Companions withGates(Map<String, Tensor> values) {
            return new Companions(optimiser, values);
        }
    }

    /**
     * The small model, checked against the masked one; its tensors belong to the innermost scope.
     *
     * @throws io.stamp.engine.StampException if the two do not compute the same, with the figures
     */
    public static CompactModel of(Model model, PruningPlan plan) {
        return of(model, plan, Companions.none());
    }

    /** As {@link #of(Model, PruningPlan)}, with optimiser state and gates. */
    public static CompactModel of(Model model, PruningPlan plan, Companions companions) {
        Model compact = transform(model, plan, companions.gates());
        requireCost(compact.network().trace(), plan);
        Parameters optimiser = plan.groups().layout().slice(companions.optimiser(), plan.units());
        Parity parity =
                ParityCheck.run(model, plan, companions.gates(), compact).require();
        LOG.info("compaction of {}: {}; {}", model.network().model(), plan.summary(), parity);
        return new CompactModel(compact, plan, optimiser, parity);
    }

    /**
     * The small model without any check of it, for searches that look at many candidates and throw them away; what is kept goes through
     * {@link #of(Model, PruningPlan)}. Its tensors belong to the innermost scope.
     *
     * @param gates values {@code [size]} by group, folded into the layers that read kept channels; 1 for groups that are not named
     */
    public static Model transform(Model model, PruningPlan plan, Map<String, Tensor> gates) {
        boolean[] units = plan.units();
        ParameterLayout layout = plan.groups().layout();
        Network network = model.network().withChannels(plan.channels());
        try (Scope scope = Scope.open()) {
            Parameters folded = gates.isEmpty() ? model.parameters() : fold(model.parameters(), plan, gates);
            Parameters parameters = layout.slice(folded, units).keptBy(scope);
            Parameters state = layout.slice(model.state(), units).keptBy(scope);
            return new Model(network, parameters, state);
        }
    }

    /** Multiplies the input slices of each reading layer's weight by the gates of what it reads. */
    private static Parameters fold(Parameters parameters, PruningPlan plan, Map<String, Tensor> gates) {
        Map<String, Tensor> masks =
                MaskedModel.gates(parameters.tensors().getFirst().backend(), plan, gates);
        Map<String, Tensor> folded = new TreeMap<>(parameters.asMap());
        for (LayerAxis reader : plan.groups().readers()) {
            String name = reader.layer() + ".weight";
            Tensor weight = parameters.get(name);
            // The last axis of a weight runs over what one group of the layer reads; all groups read the same units.
            int[] inputs = plan.groups().layout().axes(name).lastEntry().getValue();
            GateVector vector = plan.groups().gates();
            Tensor factors = Gather.of(vector.of(weight.backend(), masks), 0, vector.positions(inputs));
            folded.put(name, weight.times(factors));
        }
        return new Parameters(folded);
    }

    private static void requireCost(Network.Trace trace, PruningPlan plan) {
        Cost traced = new Cost(
                trace.parameterCount(),
                trace.multiplyAccumulates(),
                plan.achieved().nanoseconds());
        if (!traced.equals(plan.achieved())) {
            throw new IllegalStateException("The compacted network costs " + traced + " where the plan predicts "
                    + plan.achieved() + "; its layers are "
                    + trace.parameterSpecs().stream().map(ParameterSpec::name).toList());
        }
    }
}
