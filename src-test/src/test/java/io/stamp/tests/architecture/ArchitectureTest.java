package io.stamp.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.architecture.Sources.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docs/architecture.md says about who knows whom. */
class ArchitectureTest {
    private static final List<String> MODULES = List.of("engine", "kernels", "stamp", "bench");

    private static final Layers KERNELS = new Layers(
            "io.stamp.kernels",
            List.of(
                    Set.of("bind"),
                    Set.of("device"),
                    Set.of("blas", "dnn"),
                    Set.of("jcuda"),
                    Set.of("op"),
                    Set.of("")));

    private static final Layers VECTOR = new Layers(
            "io.stamp.engine.vector",
            List.of(
                    Set.of("runtime"),
                    Set.of("codegen", "elementwise"),
                    Set.of("layout", "reduction"),
                    Set.of("gemm"),
                    Set.of("winograd"),
                    Set.of("convolution"),
                    Set.of("")));

    private static Map<String, List<Source>> sources() {
        Map<String, List<Source>> all = new HashMap<>();
        MODULES.forEach(module -> all.put(module, Sources.ofModule(module)));
        return all;
    }

    /** Maven sees to the dependencies between modules; this sees to classes that two modules put into one package. */
    @ParameterizedTest
    @CsvSource({"engine, kernels stamp bench", "kernels, stamp bench", "stamp, kernels bench"})
    void modulesKnowThoseBeforeThem(String module, String others) {
        Map<String, List<Source>> all = sources();
        Set<String> forbidden = new TreeSet<>();
        for (String other : others.split(" ")) {
            all.get(other).forEach(source -> forbidden.add(source.packageName()));
        }
        assertThat(all.get(module)).isNotEmpty().allSatisfy(source -> assertThat(source.packages())
                .as(source.packageName() + "." + source.name())
                .doesNotContainAnyElementsOf(forbidden));
    }

    @Test
    void nothingBelowTheMethodKnowsPruning() {
        Stream.of("engine", "kernels")
                .flatMap(module -> Sources.ofModule(module).stream())
                .forEach(source -> assertThat(source.name().toLowerCase())
                        .as(source.packageName())
                        .doesNotContain("prun", "compaction"));
    }

    @Test
    void theLayersOfKernels() {
        assertThat(KERNELS.violations(Sources.ofModule("kernels"))).isEmpty();
    }

    @Test
    void theLayersOfTheVectorBackend() {
        assertThat(VECTOR.violations(Sources.ofModule("engine"))).isEmpty();
    }

    @Test
    void aLayerThatKnowsALaterOneIsFound() {
        String stream = "package io.stamp.kernels.device;\n";
        String imported = stream + "import io.stamp.kernels.dnn.Convolver;\nclass CudaStream {}";
        String named = stream + "class CudaStream { io.stamp.kernels.dnn.Convolver convolver; }";
        String neighbour = "package io.stamp.kernels.blas;\nimport static io.stamp.kernels.dnn.Dnn.none;";
        assertThat(KERNELS.violations(List.of(Source.of("CudaStream", imported))))
                .containsExactly("io.stamp.kernels.device.CudaStream uses io.stamp.kernels.dnn");
        assertThat(KERNELS.violations(List.of(Source.of("CudaStream", named)))).hasSize(1);
        assertThat(KERNELS.violations(List.of(Source.of("Blas", neighbour)))).hasSize(1);
    }

    @Test
    void commentsAndEarlierLayersAreFree() {
        String source = "package io.stamp.kernels.op;\nimport io.stamp.kernels.dnn.Convolver;\n"
                + "/** {@link io.stamp.kernels.CudaBackend} */ // io.stamp.kernels.CudaBackend\nclass Steps {}";
        assertThat(KERNELS.violations(List.of(Source.of("Steps", source)))).isEmpty();
    }

    /** Two are neighbours such as an op's kernels on two backends; of three, nobody knows which is meant. */
    @Test
    void noNameStandsForThreeClasses() {
        Map<String, Set<String>> places = new TreeMap<>();
        sources().values().stream().flatMap(List::stream).forEach(source -> places.computeIfAbsent(
                        source.name(), _ -> new TreeSet<>())
                .add(source.packageName()));
        assertThat(places)
                .allSatisfy((name, packages) -> assertThat(packages).as(name).hasSizeLessThan(3));
    }
}
