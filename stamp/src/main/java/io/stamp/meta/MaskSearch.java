package io.stamp.meta;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What happens on an unseen target: a new head, a mask from its images, a few adaptation steps, the average over several sets. */
record MaskSearch(MaskObjective objective, int steps, int sets) {
    /**
     * @param scores E[m] of every channel, by group
     * @param head fitted and adapted, owned by the caller's scope
     * @param loss of the last adaptation step
     */
    record Found(Map<String, double[]> scores, Parameters head, double loss) {}

    Found search(Parameters generator, Task target) {
        try (Scope scope = Scope.open()) {
            Parameters head = objective.head(generator, target);
            InnerLoop.Adapted adapted = new InnerLoop(objective).adapt(generator, head, target, steps);
            return new Found(scores(adapted.generator(), target), adapted.head().keptBy(scope), adapted.loss());
        }
    }

    /** The average of E[m] over sets that the adaptation has not seen. */
    Map<String, double[]> scores(Parameters generator, Task target) {
        Map<String, double[]> scores = new LinkedHashMap<>();
        for (int i = 0; i < sets; i++) {
            try (Scope _ = Scope.open()) {
                int[] set = target.set(objective.config().inner().setSize(), steps + 1 + i);
                Map<String, Tensor> raw = objective.gates(generator, target, set);
                new TreeMap<>(objective.expected(raw)).forEach((group, expected) -> add(scores, group, expected));
            }
        }
        return scores;
    }

    private void add(Map<String, double[]> scores, String group, Tensor expected) {
        double[] values = expected.doubles();
        double[] sum = scores.computeIfAbsent(group, key -> new double[values.length]);
        for (int c = 0; c < sum.length; c++) {
            sum[c] += values[c] / sets;
        }
    }
}
