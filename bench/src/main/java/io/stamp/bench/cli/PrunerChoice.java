package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import io.stamp.meta.MetaConfig;
import io.stamp.method.Importance;
import io.stamp.method.Methods;
import io.stamp.method.Pruner;
import io.stamp.method.allocation.GlobalRanking;
import io.stamp.method.allocation.Threshold;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.method.importance.StoredScores;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What chooses channels, by name or from a file, and what decides how many; used with {@code @Mixin}. */
public final class PrunerChoice {
    private static final String USUAL = "stamp";

    @Option(
            names = "--method",
            paramLabel = "NAME",
            completionCandidates = Candidates.MethodNames.class,
            description = {
                "What chooses the channels: ${COMPLETION-CANDIDATES} (default: " + USUAL
                        + "); 'methods' explains them.",
                "NAME@ALLOCATION changes how many channels of each group stay: uniform (the same share), global (all groups"
                        + " ranked together), score-per-cost (ranked by score per cost), exact-budget (the lowest score per"
                        + " cost goes, one by one), best-of-random (random shares, the best by the loss before training), or"
                        + " the name of another method for its widths: l1@global, random@stamp."
            })
    private String method;

    @ReadsFile
    @Option(
            names = "--scores",
            paramLabel = "FILE",
            description =
                    "Instead of a method: scores of your own as JSON, {\"group\": [score of each channel, ...], ...}, for all"
                            + " groups that may be removed; all of them are ranked together. 'inspect' lists the groups.")
    private Path scores;

    @ArgGroup(multiplicity = "1")
    private Limit limit;

    /** What decides how much goes: one of the two. */
    private static final class Limit {
        @Option(
                names = "--budget",
                paramLabel = "macs=F|params=F|latency=F",
                required = true,
                description =
                        "The share of the network that may be left, such as macs=0.3 or params=0.1; or of the time that"
                                + " it takes in inference, as measured on this machine: latency=0.5 (see 'latency').")
        private String budget;

        @Option(
                names = "--threshold",
                paramLabel = "X",
                required = true,
                description =
                        "Instead of a budget: keep the channels whose score is at least X, however many there are. Scores of a"
                                + " generator are expected gates, in (0, 1]; it is asked for the largest budget that it was"
                                + " trained with.")
        private Double threshold;

        private void requireSensible(Optional<Importance> importance) {
            if (threshold == null) {
                Budget.parse(budget);
                return;
            }
            if (importance.filter(StoredScores.class::isInstance).isPresent() && !threshold.isNaN()) {
                // Somebody else's scores may be logarithms or differences.
                return;
            }
            boolean gates = importance.filter(ExpectedGate.class::isInstance).isPresent();
            if (!(threshold > 0 && threshold <= (gates ? 1 : Double.MAX_VALUE))) {
                throw new StampException("--threshold is " + threshold
                        + (gates
                                ? "; give a number in (0, 1], since that is where expected gates lie."
                                : "; give a positive number."));
            }
        }
    }

    /**
     * What the options mean.
     *
     * @param pruner with a threshold, that is its allocation
     * @param name what reports call it
     * @param budget empty with a threshold
     * @param threshold empty with a budget
     * @param scores where they come from a file
     */
    public record Chosen(
            Pruner pruner,
            String name,
            Optional<Budget> budget,
            Optional<Double> threshold,
            Optional<StoredScores> scores) {
        /** An error where scores of a file are not those of a network's groups. */
        public void requireFor(ChannelGroups groups) {
            scores.ifPresent(stored -> stored.requireFor(groups));
        }

        /** The budget; where a threshold decides, the largest that a generator was trained for. */
        public Budget budget(MetaConfig metaTraining) {
            return budget.orElseGet(() -> new Budget(
                    metaTraining.tasks().budgetKind(), metaTraining.tasks().highestBudget()));
        }

        /** For a provenance. */
        public Map<String, Object> configuration() {
            Map<String, Object> configuration = new LinkedHashMap<>();
            configuration.put("method", name);
            scores.ifPresent(stored -> {
                configuration.put("scores", stored.file().toString());
                configuration.put("scoresSha256", FileHash.sha256(stored.file()));
            });
            threshold.ifPresent(bound -> configuration.put("threshold", bound));
            return configuration;
        }
    }

    /**
     * Reads the file, if one is named.
     *
     * @param backbone what is to be pruned, for messages
     */
    public Chosen choose(Path backbone) {
        if (method != null && scores != null) {
            throw new StampException(
                    "--scores " + scores + " takes the place of --method " + method + "; omit one of them.");
        }
        Optional<StoredScores> stored = Optional.ofNullable(scores).map(StoredScores::read);
        String name = stored.map(StoredScores::name).orElse(method == null ? USUAL : method);
        Optional<Double> threshold = Optional.ofNullable(limit.threshold);
        Methods methods = Methods.onClassPath();
        Optional<Pruner> named = stored.isPresent() ? Optional.empty() : Optional.of(removing(methods, name, backbone));
        Optional<Importance> importance = stored.<Importance>map(own -> own).or(() -> methods.importance(name));
        limit.requireSensible(importance);
        Pruner pruner = threshold
                .map(bound -> byThreshold(importance, name, bound))
                .or(() -> named)
                .orElseGet(() -> Pruner.of(stored.orElseThrow(), new GlobalRanking()));
        return new Chosen(
                pruner,
                threshold.isPresent() ? name : pruner.name(),
                Optional.ofNullable(limit.budget).map(Budget::parse),
                threshold,
                stored);
    }

    private static Pruner removing(Methods methods, String name, Path backbone) {
        Pruner named = methods.pruner(name);
        if (!named.isStructural()) {
            throw new StampException(
                    "--method " + name + " zeroes single weights, which makes no network smaller; 'compare'"
                            + " shows such methods beside others, 'prune' takes those that remove channels.");
        }
        if (!named.removes()) {
            throw new StampException("--method " + name + " removes nothing; 'train --checkpoint " + backbone
                    + "' trains the whole network on a target.");
        }
        return named;
    }

    private static Pruner byThreshold(Optional<Importance> importance, String name, double bound) {
        return Pruner.of(
                importance.orElseThrow(() -> new StampException("--threshold is a bound on scores, so it needs a method"
                        + " that scores channels, by its name alone, not --method " + name + ".")),
                new Threshold(bound));
    }
}
