package io.stamp.bench.suite;

import io.stamp.engine.Backend;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The one description of an op for tests: how to call it and on which shapes. Value tests, numeric gradients, gradients across
 * backends, timing and the support table all follow from it.
 *
 * @param type the op class that it covers
 * @param name what distinguishes several specs of a class
 * @param cases the shapes of the inputs, for each case
 * @param timed the shapes of a typical large call, for the timing report
 * @param domains where the inputs lie, the last one also for all further inputs
 * @param differentiated how many leading inputs the op is differentiated with respect to; -1 for all
 * @param tolerance of float32 results, relative to the result and to the root of the reduction's length
 */
public record OpSpec(
        Class<? extends Op> type,
        String name,
        Builder builder,
        List<Shapes> cases,
        Shapes timed,
        List<Domain> domains,
        int differentiated,
        double tolerance) {
    private static final double TOLERANCE = 2e-6;

    /** Runs the op. */
    @FunctionalInterface
    public interface Builder {
        Tensor build(Backend backend, Tensor... inputs);
    }

    /** The shapes of one call's inputs. */
    public record Shapes(List<Shape> inputs) {
        /** Reads {@code "2,3;3"}: inputs between semicolons, sizes between commas, a scalar as {@code "()"}. */
        static Shapes parse(String text) {
            return new Shapes(
                    text.isEmpty()
                            ? List.of()
                            : Stream.of(text.split(";")).map(Shapes::parseShape).toList());
        }

        private static Shape parseShape(String text) {
            return text.equals("()")
                    ? Shape.of()
                    : Shape.of(Stream.of(text.split(","))
                            .mapToInt(Integer::parseInt)
                            .toArray());
        }

        @Override
        public String toString() {
            return inputs.toString();
        }
    }

    /** One spec on one list of shapes. */
    public record Case(OpSpec spec, Shapes shapes) {
        @Override
        public String toString() {
            return spec + " on " + shapes;
        }
    }

    static OpSpec of(Class<? extends Op> type, String name, Builder builder, String... cases) {
        List<Shapes> shapes = Stream.of(cases).map(Shapes::parse).toList();
        return new OpSpec(type, name, builder, shapes, null, List.of(Domain.NORMAL), -1, TOLERANCE);
    }

    OpSpec in(Domain... newDomains) {
        return new OpSpec(type, name, builder, cases, timed, List.of(newDomains), differentiated, tolerance);
    }

    /** Differentiates with respect to the first {@code count} inputs only. */
    OpSpec wrt(int count) {
        return new OpSpec(type, name, builder, cases, timed, domains, count, tolerance);
    }

    OpSpec within(double newTolerance) {
        return new OpSpec(type, name, builder, cases, timed, domains, differentiated, newTolerance);
    }

    /** The shapes for the timing report. */
    OpSpec timedOn(String shapes) {
        return new OpSpec(type, name, builder, cases, Shapes.parse(shapes), domains, differentiated, tolerance);
    }

    /** Number of inputs that gradients are taken of. */
    public int differentiated(Shapes shapes) {
        return differentiated < 0 ? shapes.inputs().size() : differentiated;
    }

    /** The values of all inputs; the same on every call. */
    public List<double[]> draw(Shapes shapes) {
        RandomStream random = new RandomStream(20, Arrays.hashCode(new Object[] {type.getSimpleName(), name}) & 0xFFFF);
        List<double[]> values = new ArrayList<>();
        for (Shape shape : shapes.inputs()) {
            Domain domain = domains.get(Math.min(values.size(), domains.size() - 1));
            values.add(domain.draw(shape.length(), random));
        }
        return values;
    }

    @Override
    public String toString() {
        return type.getSimpleName() + (name.isEmpty() ? "" : " " + name);
    }
}
