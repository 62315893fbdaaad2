package io.stamp.bench.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.stamp.bench.cli.NamedNetwork;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.meta.MetaConfig;
import io.stamp.method.Methods;
import io.stamp.method.Pruner;
import io.stamp.method.Settings;
import io.stamp.prune.Budget;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is compared, as a YAML file says it: every method at every budget, on every target, with every network, for every seed and
 * training schedule. Fields without a value get the usual one; docs/compare.md explains each.
 *
 * @param data sources by the names that the other fields use
 * @param reference name of the data that networks and generators learn from
 * @param holdoutClasses reference classes that nothing learns from, as {@link io.stamp.data.HoldOut} reads them; empty for none
 * @param targets names of data, or {@value #BLOCK_A} and {@value #BLOCK_B} for the blocks of held-out classes
 * @param networks {@code NAME:WIDTH}
 * @param input images that networks take
 * @param groups which channel groups are pruned
 * @param methods as {@link Methods} reads them; those after {@value #JOINT} begin with the joint backbone
 * @param baseline the method that differences are taken to
 * @param budgets as {@link Budget} reads them
 * @param seeds of heads, searches and trainings
 * @param backboneSeeds of pretraining and meta-training; every one is combined with every seed
 * @param pretraining of networks on the reference
 * @param joint the joint training of pretrained networks, where a method begins with that
 * @param metaTraining of generators
 * @param training schedules on the target
 * @param settings of methods that are not the usual ones
 */
public record Experiment(
        Map<String, String> data,
        String reference,
        String holdoutClasses,
        List<String> targets,
        List<String> networks,
        String input,
        String groups,
        List<String> methods,
        String baseline,
        List<String> budgets,
        List<Long> seeds,
        List<Long> backboneSeeds,
        Schedule pretraining,
        Schedule joint,
        Meta metaTraining,
        List<Schedule> training,
        Map<String, Double> settings) {
    /** Before a method's name: on the joint backbone. */
    static final String JOINT = "joint:";

    static final String BLOCK_A = "block-a";
    static final String BLOCK_B = "block-b";

    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** A training; what is null is as usual. */
    public record Schedule(Integer epochs, Integer batch, Double rate) {
        TrainingPlan plan(int usualEpochs, double usualRate, long seed) {
            return TrainingPlan.of(
                    Optional.ofNullable(epochs).orElse(usualEpochs),
                    Optional.ofNullable(batch).orElse(64),
                    Optional.ofNullable(rate).orElse(usualRate),
                    seed);
        }
    }

    /** A meta-training; what is null is as usual. */
    public record Meta(Integer episodes, Integer innerSteps, Integer taskClasses, String order) {
        MetaConfig config() {
            MetaConfig usual = MetaConfig.DEFAULT;
            MetaConfig config = usual.withEpisodes(
                            Optional.ofNullable(episodes).orElse(usual.outer().episodes()))
                    .withInnerSteps(
                            Optional.ofNullable(innerSteps).orElse(usual.inner().steps()))
                    .withTaskClasses(Optional.ofNullable(taskClasses)
                            .orElse(usual.tasks().classes()));
            return order == null ? config : config.withOrder(order(order));
        }

        private static MetaConfig.Order order(String word) {
            try {
                return MetaConfig.Order.valueOf(word.toUpperCase(java.util.Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new StampException("meta_training.order is '" + word + "'; write fomaml, reptile or maml.", e);
            }
        }
    }

    public Experiment {
        data = Map.copyOf(given("data", data));
        reference = given("reference", reference);
        holdoutClasses = orElse(holdoutClasses, "");
        targets = some("targets", targets);
        networks = some("networks", networks);
        input = InputShape.parse(orElse(input, InputShape.DEFAULT.toString())).toString();
        groups = GroupPolicy.parse(orElse(groups, GroupPolicy.INNER_AND_STAGE.toString()))
                .toString();
        methods = some("methods", methods);
        baseline = orElse(baseline, methods.getFirst());
        budgets = some("budgets", budgets);
        seeds = some("seeds", orElse(seeds, List.of(1L)));
        backboneSeeds = some("backbone_seeds", orElse(backboneSeeds, List.of(1L)));
        pretraining = orElse(pretraining, new Schedule(null, null, null));
        joint = orElse(joint, new Schedule(null, null, null));
        metaTraining = orElse(metaTraining, new Meta(null, null, null, null));
        training = some("training", orElse(training, List.of(new Schedule(null, null, null))));
        settings = new TreeMap<>(orElse(settings, Map.of()));
        requireNames(data, reference, targets);
        if (!methods.contains(baseline)) {
            throw new StampException("The baseline '" + baseline + "' is not one of the methods " + methods + ".");
        }
        if (holdoutClasses.isEmpty() && (targets.contains(BLOCK_A) || targets.contains(BLOCK_B))) {
            throw new StampException(
                    "The targets " + BLOCK_A + " and " + BLOCK_B + " are held-out classes; give holdout_classes.");
        }
        networks.forEach(network -> NamedNetwork.parse("networks: ", network, null, 1));
        budgets.forEach(Budget::parse);
        metaTraining.config();
        settings(settings).requireKnown(pruners(methods));
    }

    private static <T> T orElse(T value, T usual) {
        return value == null ? usual : value;
    }

    private static <T> T given(String field, T value) {
        if (value == null) {
            throw new StampException("The experiment has no '" + field + "'; add it.");
        }
        return value;
    }

    private static <T> List<T> some(String field, List<T> values) {
        if (values == null || values.isEmpty() || values.stream().anyMatch(Objects::isNull)) {
            throw new StampException(
                    "The experiment's '" + field + "' is an empty list or missing; name at least one.");
        }
        if (values.stream().distinct().count() < values.size()) {
            throw new StampException("The experiment's '" + field + "' names something twice: " + values + ".");
        }
        return List.copyOf(values);
    }

    private static void requireNames(Map<String, String> data, String reference, List<String> targets) {
        for (String name : data.keySet()) {
            if (name.equals(BLOCK_A) || name.equals(BLOCK_B)) {
                throw new StampException(
                        "The data cannot be called '" + name + "'; that is a block of held-out classes.");
            }
        }
        if (!data.containsKey(reference)) {
            throw new StampException("The reference '" + reference + "' is not among the data " + data.keySet() + ".");
        }
        for (String target : targets) {
            if (!data.containsKey(target) && !target.equals(BLOCK_A) && !target.equals(BLOCK_B)) {
                throw new StampException("The target '" + target + "' is neither " + BLOCK_A + " nor " + BLOCK_B
                        + " nor among the data " + data.keySet() + ".");
            }
        }
    }

    /**
     * Reads a file.
     *
     * @throws StampException naming the file where it is no experiment
     */
    public static Experiment read(Path file) {
        try {
            return MAPPER.readValue(Files.readString(file), Experiment.class);
        } catch (UnrecognizedPropertyException e) {
            throw new StampException(
                    file + " has the unknown field '" + e.getPropertyName() + "'" + place(e) + "; known ones are "
                            + new java.util.TreeSet<>(e.getKnownPropertyIds()) + ".",
                    e);
        } catch (InvalidFormatException e) {
            throw new StampException(
                    file + " has '" + e.getValue() + "'" + place(e) + ", which is no "
                            + e.getTargetType().getSimpleName() + ".",
                    e);
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof StampException cause) {
                throw new StampException(file + ": " + cause.getMessage(), cause);
            }
            throw new StampException(
                    file + " is no experiment" + place(e) + ": "
                            + e.getOriginalMessage().lines().findFirst().orElse("") + ".",
                    e);
        } catch (IOException e) {
            throw new StampException(file + " cannot be read (" + e.getMessage() + "); check its name.", e);
        }
    }

    private static String place(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
    }

    /** The same with other sources for some of its data, by name. */
    public Experiment withData(Map<String, String> changed) {
        Map<String, String> all = new TreeMap<>(data);
        changed.forEach((name, source) -> {
            if (all.put(name, source) == null) {
                throw new StampException("The experiment has no data '" + name + "'; there are " + data.keySet() + ".");
            }
        });
        return new Experiment(
                all,
                reference,
                holdoutClasses,
                targets,
                networks,
                input,
                groups,
                methods,
                baseline,
                budgets,
                seeds,
                backboneSeeds,
                pretraining,
                joint,
                metaTraining,
                training,
                settings);
    }

    private static List<Pruner> pruners(List<String> names) {
        Methods methods = Methods.onClassPath();
        return names.stream().map(Experiment::pruner).map(methods::pruner).toList();
    }

    /** The name of the pruner alone. */
    static String pruner(String method) {
        return method.startsWith(JOINT) ? method.substring(JOINT.length()) : method;
    }

    private static Settings settings(Map<String, Double> values) {
        return new Settings(new TreeMap<>(values));
    }

    /** Settings of methods that are not the usual ones. */
    Settings methodSettings() {
        return settings(settings);
    }

    InputShape inputShape() {
        return InputShape.parse(input);
    }
}
