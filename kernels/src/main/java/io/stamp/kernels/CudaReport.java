package io.stamp.kernels;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.Attempt;
import io.stamp.kernels.bind.CudaLibrary;
import io.stamp.kernels.bind.Finding;
import io.stamp.kernels.bind.Libraries;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.device.DeviceCatalogue;
import io.stamp.kernels.device.DeviceProperties;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What {@code doctor} tells about CUDA on this machine.
 *
 * @param devices each device; empty where {@code devicesMissing} says why
 * @param devicesMissing why there are none; empty where there are
 * @param libraries each library with every path that was tried
 * @param kernels where the compiled kernels come from, or why there are none
 * @param choices how the algorithm of a convolution is chosen
 */
public record CudaReport(
        List<DeviceProperties> devices,
        String devicesMissing,
        List<LibraryState> libraries,
        String kernels,
        String choices) {
    /**
     * One library.
     *
     * @param name for people
     * @param file where it was found; empty where it was not
     * @param version as it says itself; empty where it was not found
     * @param attempts every path that was tried, in order, with the reason
     */
    public record LibraryState(String name, String file, String version, List<Attempt> attempts) {}

    /** Looks; opens no device. */
    public static CudaReport collect() {
        List<DeviceProperties> devices = List.of();
        String missing = "";
        try {
            DeviceCatalogue.initialise();
            devices = DeviceCatalogue.devices();
        } catch (StampException reason) {
            missing = reason.getMessage();
        }
        List<LibraryState> libraries = Arrays.stream(CudaLibrary.values())
                .map(library -> state(Libraries.find(library)))
                .toList();
        return new CudaReport(devices, missing, libraries, kernelOrigin(), choicesInWords());
    }

    private static LibraryState state(Finding finding) {
        return new LibraryState(
                finding.library().title(),
                finding.file().orElse(""),
                finding.found() ? version(finding.library()) : "",
                finding.attempts());
    }

    private static String version(CudaLibrary library) {
        return switch (library) {
            case CUDA -> "CUDA " + LibraryVersions.driver();
            case CUBLAS_LT -> LibraryVersions.triple(LibraryVersions.cublasNumber());
            case CUDNN -> LibraryVersions.cudnn();
            // It tells its version only with a device; the file's name has the part that matters.
            case CUBLAS_12 -> "12";
            case CUDNN_8 -> LibraryVersions.cudnn8();
        };
    }

    private static String kernelOrigin() {
        try {
            Optional<Path> named = CudaOptions.ofProperties().kernels();
            String origin = KernelImage.read(named).origin();
            return named.isPresent()
                    ? origin
                    : origin
                            + KernelCompiler.ofJar()
                                    .map(nvcc -> ", compiled by nvcc " + nvcc.version() + ": they need "
                                            + nvcc.driverNeeded())
                                    .orElse("");
        } catch (StampException reason) {
            return reason.getMessage();
        }
    }

    private static String choicesInWords() {
        try {
            return CudaOptions.ofProperties()
                    .choices()
                    .map(file -> "measured at first use, recorded in " + file)
                    .orElse("by a fixed rule");
        } catch (StampException reason) {
            return reason.getMessage();
        }
    }

    /** For people: a line for each device and library, and for the paths that were tried one for each reason in turn. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (devices.isEmpty()) {
            lines.add("no device: " + devicesMissing);
        }
        for (int number = 0; number < devices.size(); number++) {
            lines.add("device " + number + ": " + devices.get(number).description());
        }
        for (LibraryState library : libraries) {
            lines.add(
                    library.file().isEmpty()
                            ? library.name() + " was not found"
                            : library.name() + " " + library.version() + ": " + library.file());
            addAttempts(lines, library.attempts());
        }
        lines.add("kernels: " + kernels);
        lines.add("convolution algorithms: " + choices);
        return lines;
    }

    private static void addAttempts(List<String> lines, List<Attempt> attempts) {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            paths.add(attempt.path());
            boolean last = i + 1 == attempts.size();
            if (last || !sameAnswer(attempt, attempts.get(i + 1))) {
                lines.add("  " + attempt.origin() + ", " + String.join(", ", paths) + ": " + attempt.reason());
                paths.clear();
            }
        }
    }

    private static boolean sameAnswer(Attempt one, Attempt other) {
        return one.origin().equals(other.origin()) && one.reason().equals(other.reason());
    }
}
