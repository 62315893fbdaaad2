package io.stamp.kernels.dnn;

import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers choices in a file. A file has a section for each combination of device, libraries and kernels, of which one record reads and
 * writes its own; several processes may use one file at once, and the first to record a choice settles it for all. What cannot be read is
 * not believed, what cannot be written is remembered for this process only; either is one warning, never a failure.
 *
 * <p>The file is text: a line of {@link #TITLE}, a line {@code [section]} before each section, and for each choice a line of problem,
 * chosen name, and what was measured, separated by tabs. Not thread-safe.
 */
public final class ChoiceRecord {
    private static final Logger LOG = LoggerFactory.getLogger(ChoiceRecord.class);

    private static final String TITLE =
            "# How STAMP computes convolutions on this machine, as measured once. Delete the file to measure anew.";
    private static final String FIELD = "\t";

    /** Names of algorithms in files of earlier versions, and what they are called now. */
    private static final Map<String, String> EARLIER_NAMES = Map.of("own product", "own gemm");

    private static final String SECTION_BEGIN = "[";
    private static final String SECTION_END = "]";

    /** Locks of files are between processes; this one is between the records of one process. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final Path file;
    private final String section;
    private final Consumer<String> warning;
    private Map<String, Choice> choices;
    private boolean warned;
    private boolean writable = true;

    private record Choice(String name, String times) {}

    /** A file's content, and how many of its lines make no sense. */
    private record Content(Map<String, Map<String, Choice>> sections, int damagedLines) {}

    /**
     * @param file need not exist
     * @param section what the choices depend on beside the problem, in one line
     */
    public ChoiceRecord(Path file, String section) {
        this(file, section, LOG::warn);
    }

    ChoiceRecord(Path file, String section, Consumer<String> warning) {
        this.file = file;
        this.section = section.replace('\n', ' ');
        this.warning = warning;
    }

    /** The name that is recorded for a problem, if it is one of those that are possible. */
    Optional<String> find(String problem, Collection<String> possible) {
        if (choices == null) {
            choices = new TreeMap<>();
            synchronized (ONE_AT_A_TIME) {
                read().ifPresent(this::take);
            }
        }
        Choice choice = choices.get(problem);
        if (choice != null && !possible.contains(choice.name)) {
            warn("The file " + file + " chooses '" + choice.name + "' for " + problem
                    + ", which is not possible here; it is measured anew.");
            choices.remove(problem);
            return Optional.empty();
        }
        return Optional.ofNullable(choice).map(Choice::name);
    }

    /**
     * Records a choice, unless another process has done so meanwhile.
     *
     * @param times what was measured, for people
     * @return the choice that counts
     */
    String add(String problem, Collection<String> possible, String name, String times) {
        choices.put(problem, new Choice(name, times));
        synchronized (ONE_AT_A_TIME) {
            if (writable) {
                addToFile(problem, possible);
            }
        }
        return choices.get(problem).name;
    }

    private void addToFile(String problem, Collection<String> possible) {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                Optional<Content> content = read();
                if (content.isPresent()) {
                    Choice theirs = sectionOf(content.get()).get(problem);
                    if (theirs != null && possible.contains(theirs.name)) {
                        choices.put(problem, theirs);
                    }
                    sectionOf(content.get()).put(problem, choices.get(problem));
                    AtomicFiles.writeString(file, text(content.get()));
                }
            }
        } catch (IOException | StampException failure) {
            writable = false;
            warn("The choices of this run cannot be recorded in " + file + " (" + failure.getMessage()
                    + "); the next run may choose differently. Name another file with -Dstamp.cuda.choices=FILE.");
        }
    }

    private Map<String, Choice> sectionOf(Content content) {
        return content.sections.computeIfAbsent(section, _ -> new TreeMap<>());
    }

    private void take(Content content) {
        choices.putAll(sectionOf(content));
        if (content.damagedLines > 0) {
            warn("The file " + file + " is damaged: " + content.damagedLines
                    + " of its lines make no sense; what they were about is measured anew.");
        }
    }

    /** What the file has; empty, and nothing is written either, if it is not a record. */
    private Optional<Content> read() {
        if (!Files.exists(file)) {
            return Optional.of(new Content(new TreeMap<>(), 0));
        }
        String text;
        try {
            text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            return notARecord("cannot be read (" + unreadable.getMessage() + ")");
        }
        if (!text.isEmpty() && !text.startsWith(TITLE + "\n")) {
            return notARecord("is no record of choices");
        }
        return Optional.of(parse(text));
    }

    private Optional<Content> notARecord(String why) {
        writable = false;
        warn("The file " + file + " " + why
                + ", so that all is measured and nothing is recorded; delete it, or name another with"
                + " -Dstamp.cuda.choices=FILE.");
        return Optional.empty();
    }

    private static Content parse(String text) {
        Map<String, Map<String, Choice>> sections = new TreeMap<>();
        Map<String, Choice> current = null;
        int damaged = 0;
        for (String line : text.lines().skip(1).filter(line -> !line.isBlank()).toList()) {
            String[] fields = line.split(FIELD, -1);
            if (fields.length == 1 && line.startsWith(SECTION_BEGIN) && line.endsWith(SECTION_END)) {
                String name = line.substring(SECTION_BEGIN.length(), line.length() - SECTION_END.length());
                current = sections.computeIfAbsent(name, _ -> new TreeMap<>());
            } else if (fields.length == 3 && current != null) {
                current.put(fields[0], new Choice(EARLIER_NAMES.getOrDefault(fields[1], fields[1]), fields[2]));
            } else {
                damaged++;
            }
        }
        return new Content(sections, damaged);
    }

    private static String text(Content content) {
        return content.sections.entrySet().stream()
                .map(entry -> "\n" + SECTION_BEGIN + entry.getKey() + SECTION_END + "\n" + lines(entry.getValue()))
                .collect(Collectors.joining("", TITLE + "\n", ""));
    }

    private static String lines(Map<String, Choice> section) {
        return section.entrySet().stream()
                .map(entry -> String.join(FIELD, entry.getKey(), entry.getValue().name, entry.getValue().times) + "\n")
                .collect(Collectors.joining());
    }

    private void warn(String sentence) {
        if (!warned) {
            warned = true;
            warning.accept(sentence);
        }
    }
}
