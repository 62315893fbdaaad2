package io.stamp.bench.training;

import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.FileHash;
import io.stamp.data.DataSets;
import io.stamp.engine.StampException;
import io.stamp.meta.BoundGenerator;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.MetaConfig;
import io.stamp.method.Need;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.model.ModelFile;
import io.stamp.prune.GroupPolicy;
import io.stamp.prune.LatencyTable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files that a method needs, as a command line names them: neither a missing one nor a superfluous one passes.
 *
 * @param generator null where none is given
 * @param reference null where none is given
 * @param groups null where none are given
 */
public record MethodInputs(Pruner pruner, Path generator, String reference, String groups) {
    public MethodInputs {
        boolean seeing = pruner.needs().contains(Need.GENERATOR);
        boolean blind = pruner.needs().contains(Need.GENERATOR_WITHOUT_SET);
        if (seeing && blind) {
            throw new StampException("--method " + pruner.name()
                    + " needs two generators, with and without sets; 'demo --variants " + pruner.name()
                    + "' makes both.");
        }
        if ((seeing || blind) && generator == null) {
            throw new StampException("--method " + pruner.name() + " needs "
                    + (seeing ? Need.GENERATOR : Need.GENERATOR_WITHOUT_SET)
                    + "; give --generator FILE, which 'meta-train' writes, or another --method.");
        }
        if (!seeing && !blind && generator != null) {
            throw new StampException("--method " + pruner.name() + " uses no generator; omit --generator.");
        }
        boolean learning = pruner.needs().contains(Need.REFERENCE);
        if (learning && reference == null) {
            throw new StampException("--method " + pruner.name() + " needs " + Need.REFERENCE
                    + "; give what the backbone was pretrained on as --reference.");
        }
        if (!learning && reference != null) {
            throw new StampException("--method " + pruner.name() + " uses no reference data; omit --reference.");
        }
        if (groups != null) {
            GroupPolicy.parse(groups);
        }
    }

    /**
     * What is behind the names.
     *
     * @param policy which channel groups are pruned
     * @param metaTraining of the generator; the usual settings where there is none
     * @param configuration for a provenance
     */
    public record Opened(
            GroupPolicy policy,
            List<BoundGenerator> generators,
            Optional<DataSets> reference,
            MetaConfig metaTraining,
            Map<String, Object> configuration) {
        /** The same with latencies for generators whose budgets are about them. */
        public Opened withLatency(LatencyTable table) {
            List<BoundGenerator> timed =
                    generators.stream().map(bound -> bound.withLatency(table)).toList();
            return new Opened(policy, timed, reference, metaTraining, configuration);
        }

        /** The task with these inputs. */
        public PruningTask addTo(PruningTask task) {
            PruningTask withGenerators = task.withGenerators(generators);
            return reference.map(withGenerators::withReference).orElse(withGenerators);
        }
    }

    /**
     * Reads the files; their tensors belong to the innermost scope.
     *
     * @param backbone what is pruned
     * @param backboneFile where it was read, for messages
     * @param dataOptions how data is read
     */
    public Opened open(ModelFile backbone, Path backboneFile, DataOptions dataOptions) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        Optional<DataSets> data = Optional.empty();
        if (reference != null) {
            DataSets all =
                    dataOptions.open(reference, backbone.model().network().input());
            data = Optional.of(
                    backbone.requireHoldOut(Optional.empty(), all.classNames()).kept(all));
            configuration.put("reference", reference);
        }
        if (generator == null) {
            GroupPolicy policy = groups == null ? GroupPolicy.INNER_AND_STAGE : GroupPolicy.parse(groups);
            return new Opened(policy, List.of(), data, MetaConfig.DEFAULT, configuration);
        }
        GeneratorFile file = GeneratorFile.load(generator, backbone.model().backend());
        BoundGenerator bound = new BoundGenerator(file.on(backbone.model(), backboneFile), file.generator());
        requireItsSets(bound);
        requireItsGroups(file.origin().policy());
        configuration.put("generator", generator.toString());
        configuration.put("generatorSha256", FileHash.sha256(generator));
        return new Opened(
                file.origin().policy(), List.of(bound), data, file.origin().config(), configuration);
    }

    private void requireItsSets(BoundGenerator bound) {
        boolean wanted = pruner.needs().contains(Need.GENERATOR);
        if (bound.seesSets() != wanted) {
            throw new StampException(generator + " was meta-trained " + (wanted ? "without" : "with")
                    + " sets of images, while --method " + pruner.name() + " needs one "
                    + (wanted
                            ? "with them; take --method no-set or another generator."
                            : "without them; see 'meta-train --pooling no_set'."));
        }
    }

    private void requireItsGroups(GroupPolicy policy) {
        if (groups != null && GroupPolicy.parse(groups) != policy) {
            throw new StampException("--groups " + groups + " is not what " + generator + " was meta-trained for ("
                    + policy + "); omit it or meta-train another generator.");
        }
    }
}
