package io.stamp.bench.inspect;

import com.sun.management.OperatingSystemMXBean;
import io.stamp.engine.Backend;
import io.stamp.engine.BackendProvider;
import io.stamp.engine.Backends;
import io.stamp.engine.KnownProperties;
import io.stamp.engine.KnownProperty;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Build;
import io.stamp.engine.hardware.Cpu;
import io.stamp.kernels.CudaReport;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;

/**
 * What {@code doctor} finds.
 *
 * @param version version of STAMP
 * @param gitId the commit it was built from
 * @param backends every backend of this build in the order of preference, then those that it lacks
 * @param cuda devices, libraries with every path that was tried, and kernels
 * @param properties every system property that STAMP knows
 */
public record MachineReport(
        String version,
        String gitId,
        Jvm jvm,
        String operatingSystem,
        Cpu cpu,
        VectorUnit vector,
        Memory memory,
        List<BackendState> backends,
        CudaReport cuda,
        List<PropertyState> properties) {

    /** The Java virtual machine. */
    public record Jvm(String version, String vendor, String name, String home, List<String> options) {}

    /**
     * What the Vector API offers.
     *
     * @param moduleResolved whether this JVM runs with the module {@code jdk.incubator.vector}
     * @param preferredBits width of the preferred vector in bits; 0 without the module
     * @param floatLanes how many floats it holds; 0 without the module
     */
    public record VectorUnit(boolean moduleResolved, int preferredBits, int floatLanes) {}

    /**
     * Memory in bytes.
     *
     * @param machineBytes what the machine (or its container) has
     * @param heapLimitBytes how much of it this JVM may use for Java objects, the tensors among them
     */
    public record Memory(long machineBytes, long heapLimitBytes) {}

    /**
     * Whether a backend works here.
     *
     * @param reason why or why not, in words
     */
    public record BackendState(String name, boolean usable, String reason) {}

    /**
     * A system property.
     *
     * @param changesResults whether another value may give other numbers
     * @param value what it is set to, null if it is not
     */
    public record PropertyState(String name, String meaning, boolean changesResults, String value) {
        private static PropertyState of(KnownProperty property) {
            return new PropertyState(
                    property.name(),
                    property.meaning(),
                    property.changesResults(),
                    System.getProperty(property.name()));
        }

        private String line() {
            return name
                    + (value == null ? "" : "=" + value)
                    + (changesResults ? " (changes results): " : ": ")
                    + meaning;
        }
    }

    public static MachineReport collect() {
        Build build = Build.current();
        Jvm jvm = new Jvm(
                System.getProperty("java.runtime.version"),
                System.getProperty("java.vendor"),
                System.getProperty("java.vm.name"),
                System.getProperty("java.home"),
                ManagementFactory.getRuntimeMXBean().getInputArguments());
        String system = System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
        long machineBytes =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        return new MachineReport(
                build.version(),
                build.gitId(),
                jvm,
                system,
                Cpu.detect(),
                vectorUnit(),
                new Memory(machineBytes, Runtime.getRuntime().maxMemory()),
                backendStates(),
                CudaReport.collect(),
                KnownProperties.all().stream().map(PropertyState::of).toList());
    }

    private static List<BackendState> backendStates() {
        Stream<BackendState> missing = Backends.missing().stream()
                .map(name -> new BackendState(name, false, "not in this build, which has no code for it."));
        return Stream.concat(Backends.providers().stream().map(MachineReport::state), missing)
                .toList();
    }

    private static BackendState state(BackendProvider provider) {
        try {
            Backend.Support support = provider.available();
            return new BackendState(provider.name(), support.supported(), support.reason());
        } catch (StampException wrongProperty) {
            return new BackendState(provider.name(), false, wrongProperty.getMessage());
        }
    }

    private static VectorUnit vectorUnit() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return new VectorUnit(false, 0, 0);
        }
        var species = FloatVector.SPECIES_PREFERRED;
        return new VectorUnit(true, species.vectorBitSize(), species.length());
    }

    /** For people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        add(lines, "STAMP", version + " (" + gitId + ")");
        add(lines, "JVM", jvm.version() + ", " + jvm.vendor() + ", " + jvm.name());
        add(lines, "", jvm.home());
        add(lines, "JVM options", String.join(" ", jvm.options()));
        add(lines, "System", operatingSystem);
        add(lines, "Processor", cpu.model() + ", " + cpu.processors() + " threads");
        add(lines, "", String.join(" ", cpu.vectorFeatures()));
        add(
                lines,
                "Vector API",
                vector.moduleResolved()
                        ? vector.preferredBits() + " bits, " + vector.floatLanes() + " floats"
                        : "not there: this JVM runs without --add-modules jdk.incubator.vector");
        add(lines, "Memory", gibibytes(memory.machineBytes()) + ", heap limit " + gibibytes(memory.heapLimitBytes()));
        for (BackendState backend : backends) {
            add(
                    lines,
                    "Backend",
                    backend.name() + (backend.usable() ? " works: " : " does not work: ") + backend.reason());
        }
        for (String line : cuda.lines()) {
            add(lines, "CUDA", line);
        }
        for (PropertyState property : properties) {
            add(lines, "Property", property.line());
        }
        return lines;
    }

    private static void add(List<String> lines, String name, String value) {
        lines.add(String.format(Locale.ROOT, "%-12s %s", name, value).stripTrailing());
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
