package io.stamp.bench.compare;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.data.DataSource;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.meta.MetaConfig;
import io.stamp.method.JointBackbone;
import io.stamp.method.Methods;
import io.stamp.method.Pruner;
import io.stamp.method.Settings;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.TrainingPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

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
 * @param methods as {@link Contender} reads them
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
        List<TrainingSchedule> training,
        Map<String, Double> settings) {
    static final String BLOCK_A = "block-a";
    static final String BLOCK_B = "block-b";

    private static final Schedule USUAL_PRETRAINING = new Schedule(40, 64, 0.1);
    private static final Schedule USUAL_JOINT =
            new Schedule(JointBackbone.EPOCHS, JointBackbone.BATCH, JointBackbone.RATE);
    private static final Schedule USUAL_TRAINING = new Schedule(40, 64, 0.05);
    private static final Schedule AS_USUAL = new Schedule(null, null, null);
    private static final TrainingSchedule TRAINED_AS_USUAL = new TrainingSchedule(null, null, null, null);

    /** Names stand in tables, lists and file names. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    /** A training; what a file leaves out is null until it is {@link #or} something. */
    public record Schedule(Integer epochs, Integer batch, Double rate) {
        Schedule or(Schedule usual) {
            return new Schedule(orElse(epochs, usual.epochs), orElse(batch, usual.batch), orElse(rate, usual.rate));
        }

        TrainingPlan plan(long seed) {
            return TrainingPlan.of(epochs, batch, rate, seed);
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
                return MetaConfig.Order.valueOf(word.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new StampException("order is '" + word + "'; write fomaml, reptile or maml.", e);
            }
        }
    }

    /** @throws StampException where such an experiment cannot be, naming the field */
    public Experiment {
        data = sources(given("data", data));
        reference = given("reference", reference);
        holdoutClasses = orElse(holdoutClasses, "");
        targets = some("targets", targets, name -> name);
        requireNames(data, reference, targets, holdoutClasses);
        InputShape shape = one("input", orElse(input, InputShape.DEFAULT.toString()), InputShape::parse);
        input = shape.toString();
        networks = some("networks", networks, name -> network(name, shape));
        groups = one("groups", orElse(groups, GroupPolicy.INNER_AND_STAGE.toString()), GroupPolicy::parse)
                .toString();
        Methods known = Methods.onClassPath();
        methods = some("methods", methods, name -> Contender.parse(known, name).toString());
        baseline = one("baseline", orElse(baseline, methods.getFirst()), name -> Contender.parse(known, name)
                .toString());
        budgets = some("budgets", budgets, text -> Budget.parsePortable(text).toString());
        seeds = some("seeds", orElse(seeds, List.of(1L)), seed -> seed);
        backboneSeeds = some("backbone_seeds", orElse(backboneSeeds, List.of(1L)), seed -> seed);
        pretraining = orElse(pretraining, AS_USUAL).or(USUAL_PRETRAINING);
        one("pretraining", pretraining, schedule -> schedule.plan(0));
        joint = orElse(joint, AS_USUAL).or(USUAL_JOINT);
        one("joint", joint, schedule -> schedule.plan(0));
        metaTraining = orElse(metaTraining, new Meta(null, null, null, null));
        one("meta_training", metaTraining, Meta::config);
        training =
                some("training", orElse(training, List.of(TRAINED_AS_USUAL)), schedule -> schedule.or(USUAL_TRAINING));
        for (TrainingSchedule schedule : training) {
            one("training", schedule, each -> each.plan(0));
            one("training", schedule, TrainingSchedule::distillation);
        }
        settings = one("settings", orElse(settings, Map.of()), Experiment::withoutNulls);
        List<Pruner> pruners = methods.stream()
                .map(name -> Contender.parse(known, name).pruner())
                .toList();
        SortedMap<String, Double> values = new TreeMap<>(settings);
        WrongField.check("settings", () -> new Settings(values).requireKnown(pruners));
        if (!methods.contains(baseline)) {
            throw new WrongField(
                    "baseline", "'" + baseline + "' is not one of the methods " + String.join(", ", methods) + ".");
        }
    }

    private static <T> T orElse(T value, T usual) {
        return value == null ? usual : value;
    }

    private static <T> T given(String field, T value) {
        if (value == null) {
            throw new WrongField(field, "it is missing; add this field.");
        }
        return value;
    }

    private static <T, R> R one(String field, T value, Function<T, R> read) {
        List<R> result = new ArrayList<>();
        WrongField.check(field, () -> result.add(read.apply(value)));
        return result.getFirst();
    }

    /** A list in one form of writing, so that what is the same has one name. */
    private static <T> List<T> some(String field, List<T> values, UnaryOperator<T> read) {
        if (given(field, values).isEmpty() || values.stream().anyMatch(Objects::isNull)) {
            throw new WrongField(field, "the list is empty or has an empty place; name at least one.");
        }
        List<T> result = values.stream().map(value -> one(field, value, read)).toList();
        if (Set.copyOf(result).size() < result.size()) {
            throw new WrongField(field, "something is there twice, " + result + "; name it once.");
        }
        return result;
    }

    private static String network(String text, InputShape input) {
        NamedNetwork named = NamedNetwork.parse("", text, null, 1);
        Models.create(named.name(), NamedNetwork.CLASSES, named.width()).withInput(input);
        return named.name() + ":" + named.width();
    }

    private static SortedMap<String, Double> withoutNulls(Map<String, Double> settings) {
        settings.forEach((name, value) -> {
            if (value == null) {
                throw new StampException(name + " has no value; write a number.");
            }
        });
        return new TreeMap<>(settings);
    }

    private static SortedMap<String, String> sources(Map<String, String> data) {
        data.forEach((name, source) -> WrongField.check("data", () -> {
            if (!NAME.matcher(name).matches()) {
                throw new StampException(
                        "the name '" + name + "' may have letters, digits, dots, hyphens and underscores only.");
            }
            if (name.equals(BLOCK_A) || name.equals(BLOCK_B) || name.equals(ComparisonReport.ALL_TARGETS)) {
                throw new StampException("nothing can be called '" + name + "'; that has a meaning of its own.");
            }
            if (source == null) {
                throw new StampException("'" + name + "' has no source; write one of " + DataSource.syntax() + ".");
            }
            DataSource.parse(source);
        }));
        return new TreeMap<>(data);
    }

    private static void requireNames(
            Map<String, String> data, String reference, List<String> targets, String holdoutClasses) {
        String there = data.isEmpty() ? "nothing" : String.join(", ", data.keySet());
        if (!data.containsKey(reference)) {
            throw new WrongField("reference", "'" + reference + "' is not among the data; there is " + there + ".");
        }
        for (String target : targets) {
            boolean block = target.equals(BLOCK_A) || target.equals(BLOCK_B);
            if (block && holdoutClasses.isEmpty()) {
                throw new WrongField(
                        "targets", "'" + target + "' is a block of held-out classes; give holdout_classes.");
            }
            if (!block && !data.containsKey(target)) {
                throw new WrongField(
                        "targets",
                        "'" + target + "' is neither " + BLOCK_A + " nor " + BLOCK_B + " nor among the data; there is "
                                + there + ".");
            }
        }
    }

    /**
     * Reads a file.
     *
     * @throws StampException where it is no experiment, naming the file, the line and the field
     */
    public static Experiment read(Path file) {
        return new ExperimentFile(file).read();
    }

    /** The same with other sources for some of its data, by name. */
    public Experiment withData(Map<String, String> changed) {
        Map<String, String> all = new TreeMap<>(data);
        changed.forEach((name, source) -> {
            if (all.put(name, source) == null) {
                throw new StampException("The experiment has no data '" + name + "' that --data could change; there is "
                        + String.join(", ", data.keySet()) + ".");
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

    /** Settings of methods that are not the usual ones. */
    Settings methodSettings() {
        return new Settings(new TreeMap<>(settings));
    }

    InputShape inputShape() {
        return InputShape.parse(input);
    }
}
