package io.stamp.kernels.bind;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of cuDNN, told by the files alone: it opens further libraries when it is first called, and those of two versions do not
 * go together in one process.
 */
final class FileVersion {
    /** What the links of an installation lead to, such as {@code libcudnn.so.9.14.0}. */
    private static final Pattern IN_NAME = Pattern.compile("\\.so\\.(\\d+(?:\\.\\d+)+)$");

    /** Python packages have no links, and the header beside the libraries. */
    private static final String HEADER = "../include/cudnn_version.h";

    private static final List<String> MACROS = List.of("CUDNN_MAJOR", "CUDNN_MINOR", "CUDNN_PATCHLEVEL");

    private FileVersion() {}

    /** The version of the library in a file, where something tells it. */
    static Optional<Version> of(Path file) {
        try {
            Path real = file.toRealPath();
            Matcher inName = IN_NAME.matcher(real.getFileName().toString());
            return inName.find() ? Optional.of(Version.parse(inName.group(1))) : ofHeader(real.resolveSibling(HEADER));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static Optional<Version> ofHeader(Path header) throws IOException {
        if (!Files.isRegularFile(header)) {
            return Optional.empty();
        }
        String text = Files.readString(header, StandardCharsets.ISO_8859_1);
        List<String> numbers = new ArrayList<>();
        for (String macro : MACROS) {
            Matcher definition =
                    Pattern.compile("#define\\s+" + macro + "\\s+(\\d+)").matcher(text);
            if (!definition.find()) {
                return Optional.empty();
            }
            numbers.add(definition.group(1));
        }
        return Optional.of(Version.parse(String.join(".", numbers)));
    }
}
