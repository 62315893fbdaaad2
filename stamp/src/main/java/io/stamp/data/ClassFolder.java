package io.stamp.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The folder of one class.
 *
 * @param images files that should be images by their names, sorted
 * @param skipped how many other entries there are of each kind, for people
 */
record ClassFolder(String name, List<Path> images, Map<String, Integer> skipped) {
    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg");
    /** What file managers leave behind without hiding it. */
    private static final Set<String> DESKTOP_FILES = Set.of("thumbs.db", "desktop.ini");

    /** The folders in {@code root}, sorted by name; hidden ones do not count. */
    static List<ClassFolder> in(Path root) {
        return DataFiles.list(root, "*").stream()
                .filter(folder -> Files.isDirectory(folder) && !isHidden(folder))
                .map(ClassFolder::of)
                .toList();
    }

    private static ClassFolder of(Path folder) {
        List<Path> images = new ArrayList<>();
        Map<String, Integer> skipped = new TreeMap<>();
        for (Path entry : DataFiles.list(folder, "*")) {
            String reason = reasonToSkip(entry);
            if (reason.isEmpty()) {
                images.add(entry);
            } else {
                skipped.merge(reason, 1, Integer::sum);
            }
        }
        return new ClassFolder(folder.getFileName().toString(), List.copyOf(images), Map.copyOf(skipped));
    }

    /** The kind of entry, or nothing for what should be an image. A link to nothing should be one. */
    private static String reasonToSkip(Path entry) {
        if (isHidden(entry)) {
            return "hidden";
        }
        if (Files.isDirectory(entry)) {
            return "folder";
        }
        String name = entry.getFileName().toString().toLowerCase(Locale.ROOT);
        int point = name.lastIndexOf('.');
        String extension = name.substring(point + 1);
        if (!EXTENSIONS.contains(extension)) {
            return point < 0 ? "no extension" : "." + extension;
        }
        boolean isPipe = Files.exists(entry) && !Files.isRegularFile(entry);
        return isPipe ? "no regular file" : "";
    }

    private static boolean isHidden(Path path) {
        String name = path.getFileName().toString();
        return name.startsWith(".") || DESKTOP_FILES.contains(name.toLowerCase(Locale.ROOT));
    }
}
