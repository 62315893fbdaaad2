package io.stamp.tests.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.suite.OpSpec;
import io.stamp.bench.suite.OpSpecs;
import io.stamp.bench.suite.UpdateSpec;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.trace.TraceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing is forgotten: every op and update has a spec and runs on every backend. */
class CompletenessTest {
    @BeforeAll
    static void vectorWorks() {
        Backing.requireVector();
    }

    static List<OpSpec> specs() {
        return OpSpecs.all();
    }

    @Test
    void everyOpHasASpec() {
        List<Class<?>> specified =
                OpSpecs.all().stream().<Class<?>>map(OpSpec::type).distinct().toList();
        assertThat(Primitives.ops()).hasSizeGreaterThan(30).allMatch(specified::contains, "has a line in OpSpecs");
    }

    @Test
    void everyUpdateHasASpec() {
        List<Class<?>> specified = UpdateSpec.all().stream()
                .<Class<?>>map(spec -> spec.update().getClass())
                .distinct()
                .toList();
        assertThat(Primitives.updates()).isNotEmpty().allMatch(specified::contains, "has a line in UpdateSpec");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("specs")
    void theSpecRunsTheOpThatItNames(OpSpec spec) {
        try (Scope _ = Scope.open();
                TraceBackend trace = new TraceBackend()) {
            Tensor[] inputs = spec.cases().getFirst().inputs().stream()
                    .map(shape -> Tensor.empty(trace, shape))
                    .toArray(Tensor[]::new);
            spec.builder().build(trace, inputs);
            assertThat(trace.calls().stream().map(call -> call.op().getClass().getSimpleName()))
                    .contains(spec.type().getSimpleName());
        }
    }

    /** Writes the support table as well. */
    @Test
    void everyBackendHasAKernelForEverything() throws IOException {
        List<Backend> backends = new ArrayList<>(Backing.OTHERS);
        backends.add(Backing.REFERENCE);
        List<Class<?>> primitives = Stream.concat(Primitives.ops().stream(), Primitives.updates().stream())
                .toList();
        String header = "| op or update |"
                + backends.stream().map(backend -> " " + backend.name() + " |").collect(Collectors.joining());
        List<String> table = new ArrayList<>(List.of(header, "| --- |" + " --- |".repeat(backends.size())));
        for (Class<?> primitive : primitives) {
            StringBuilder row = new StringBuilder("| " + primitive.getSimpleName() + " |");
            for (Backend backend : backends) {
                Backend.Support support = backend.supports(primitive);
                assertThat(support.supported())
                        .as("%s on %s: %s", primitive.getSimpleName(), backend.name(), support.reason())
                        .isTrue();
                row.append(" ").append(support.reason()).append(" |");
            }
            table.add(row.toString());
        }
        Files.write(Path.of("target", "op-support.md"), table);
    }

    @Test
    void aBackendSaysNoToAnUnknownOp() {
        for (Backend backend : Backing.OTHERS) {
            Backend.Support support = backend.supports(String.class);
            assertThat(support.supported()).isFalse();
            assertThat(support.reason()).contains("String");
        }
    }
}
