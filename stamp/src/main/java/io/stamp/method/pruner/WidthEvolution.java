package io.stamp.method.pruner;

import io.stamp.engine.FailedException;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.PruningTask;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * An evolutionary search for the widths with the lowest loss under a budget (Liu et al., arXiv 1903.10258, section 3.2): the first
 * generation is random; every later one consists half of mutations and half of crossovers of the best that were found so far. The genes
 * are shares of the groups; the paper draws until the budget holds, here they are scaled to it. Of every group the first channels stay.
 *
 * @param population candidates of a generation
 * @param generations after the first
 * @param parents the best so many have offspring
 * @param mutation probability that a gene is drawn anew
 */
public record WidthEvolution(int population, int generations, int parents, double mutation) {
    private static final int STREAM = 4003;
    private static final double LOWEST_GENE = 0.1;

    /** Draws of one child before a vector that is known already is accepted: small networks have few. */
    private static final int TRIES = 10;

    /**
     * A network that was looked at.
     *
     * @param plan of its channels
     * @param loss that it has
     */
    public record Candidate(PruningPlan plan, double loss) {
        private static final Comparator<Candidate> BEST_FIRST = Comparator.comparingDouble(Candidate::loss);

        private double gene(String group) {
            return (double) plan.widths().get(group) / plan.groups().get(group).size();
        }
    }

    /**
     * What was found.
     *
     * @param best of all
     * @param candidates different ones that were looked at
     */
    public record Found(Candidate best, int candidates) {}

    /**
     * Searches.
     *
     * @param loss of the network that a plan describes; one that is no finite number is never the best
     */
    public Found search(PruningTask task, ToDoubleFunction<PruningPlan> loss) {
        return new Run(task, loss).all();
    }

    private final class Run {
        private final PruningTask task;
        private final ToDoubleFunction<PruningPlan> loss;
        private final PlanSearch plans;
        private final Map<String, double[]> firstChannels = new TreeMap<>();
        private final RandomStream random;
        private final Map<SortedMap<String, Integer>, Candidate> known = new HashMap<>();

        Run(PruningTask task, ToDoubleFunction<PruningPlan> loss) {
            this.task = task;
            this.loss = loss;
            this.plans = new PlanSearch(task.groups());
            this.random = new RandomStream(task.seed(), STREAM);
            task.groups()
                    .sizes()
                    .forEach((group, size) -> firstChannels.put(
                            group, IntStream.range(0, size).mapToDouble(k -> -k).toArray()));
        }

        Found all() {
            List<Candidate> best = new ArrayList<>();
            task.progress().start("evolution of widths", (long) population * (generations + 1), "candidates");
            try {
                for (int generation = 0; generation <= generations; generation++) {
                    List<Candidate> elders = List.copyOf(best);
                    for (int i = 0; i < population; i++) {
                        add(best, child(elders, i));
                        task.progress().advance((long) generation * population + i + 1, note(best));
                    }
                }
            } finally {
                task.progress().finish();
            }
            if (best.isEmpty()) {
                throw new FailedException("None of the " + known.size()
                        + " networks that were generated has a finite loss on " + task.target()
                        + "; train the generator at a lower rate, or the backbone before it is pruned.");
            }
            return new Found(best.getFirst(), known.size());
        }

        private String note(List<Candidate> best) {
            return best.isEmpty() ? "" : String.format(Locale.ROOT, "lowest loss %.3f", best.getFirst().loss);
        }

        private void add(List<Candidate> best, Candidate candidate) {
            if (Double.isFinite(candidate.loss) && !best.contains(candidate)) {
                best.add(candidate);
                best.sort(Candidate.BEST_FIRST);
                if (best.size() > parents) {
                    best.removeLast();
                }
            }
        }

        private Candidate child(List<Candidate> elders, int number) {
            PruningPlan plan = plan(elders, number);
            for (int i = 1; i < TRIES && known.containsKey(plan.widths()); i++) {
                plan = plan(elders, number);
            }
            PruningPlan chosen = plan;
            return known.computeIfAbsent(plan.widths(), _ -> new Candidate(chosen, loss.applyAsDouble(chosen)));
        }

        private PruningPlan plan(List<Candidate> elders, int number) {
            Map<String, Double> genes = new TreeMap<>();
            Candidate one = elders.isEmpty() ? null : elders.get(random.nextInt(elders.size()));
            Candidate other = elders.isEmpty() ? null : elders.get(random.nextInt(elders.size()));
            boolean mutates = number % 2 == 0;
            for (String group : firstChannels.keySet()) {
                boolean drawn = one == null || mutates && random.nextUniform() < mutation;
                genes.put(
                        group,
                        drawn
                                ? LOWEST_GENE + (1 - LOWEST_GENE) * random.nextUniform()
                                : (mutates || random.nextUniform() < 0.5 ? one : other).gene(group));
            }
            return plans.byRatios(firstChannels, genes, task.budget(), task.seed());
        }
    }
}
