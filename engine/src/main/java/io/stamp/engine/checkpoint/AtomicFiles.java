package io.stamp.engine.checkpoint;

import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that are either complete or not there: the content goes to a temporary file in the target's folder, is forced
 * to the disk and then moved over the target in one step, so that readers see the old file or the new one and never a
 * part of one.
 *
 * <p>On any failure (full disk, an exception of the content, an interrupted thread, Ctrl-C) the temporary file is
 * removed and an older target stays as it was. What a killed process could not remove, the next write of the same
 * target removes. Missing parent folders are created. A symbolic link stays a link: the file it points to is
 * replaced. A target that is neither file nor folder, such as a pipe or {@code /dev/null}, is written directly, for
 * it can not be replaced.
 */
public final class AtomicFiles {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final AtomicLong COUNTER = new AtomicLong();
    private static final Set<Path> IN_PROGRESS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(AtomicFiles::removeUnfinished, "remove-temporary-files"));
    }

    private AtomicFiles() {}

    /** Writes a file's content to {@code sink}; the caller opens and closes the sink. */
    @FunctionalInterface
    public interface Content<T> {
        void writeTo(T sink) throws IOException;
    }

    /** Many writers close the stream they are given; the channel has to be open still to be forced to the disk. */
    private static final class StreamThatStaysOpen extends BufferedOutputStream {
        StreamThatStaysOpen(OutputStream out) {
            super(out, BUFFER_BYTES);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }

    /**
     * Replaces {@code target} by what {@code content} writes to a buffered stream, which it may close or leave open.
     *
     * @throws StampException naming the file and the cause; the target is then unchanged
     */
    public static void write(Path target, Content<? super OutputStream> content) {
        writeChannel(target, channel -> {
            OutputStream stream = new StreamThatStaysOpen(Channels.newOutputStream(channel));
            content.writeTo(stream);
            stream.flush();
        });
    }

    /** {@link #write} of {@code text} as UTF-8. */
    public static void writeString(Path target, String text) {
        write(target, stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** {@link #write} for content that needs the channel itself. */
    public static void writeChannel(Path target, Content<? super FileChannel> content) {
        try {
            Path file = Files.isSymbolicLink(target) ? target.toRealPath() : target.toAbsolutePath();
            if (Files.isDirectory(file)) {
                throw new StampException(
                        "Cannot write the file " + target + ": a folder has that name; give a file name.");
            }
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                writeDirectly(file, content);
                return;
            }
            Files.createDirectories(file.getParent());
            removeLeftovers(file);
            replace(file, content);
        } catch (IOException e) {
            throw new FailedException(
                    "Cannot write " + target + ": " + reason(e)
                            + "; an older file of that name is unchanged; make room or choose another place.",
                    e);
        }
    }

    private static void writeDirectly(Path file, Content<? super FileChannel> content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            content.writeTo(channel);
        }
    }

    private static void replace(Path file, Content<? super FileChannel> content) throws IOException {
        String owner = ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + owner + ".tmp");
        IN_PROGRESS.add(temporary);
        try {
            // A file of this name can only be left over from a process that had the same number.
            Files.deleteIfExists(temporary);
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
            IN_PROGRESS.remove(temporary);
        }
        forceFolder(file.getParent());
    }

    /** Makes the move itself survive a power failure. */
    private static void forceFolder(Path folder) throws IOException {
        boolean foldersCanBeOpened =
                folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (foldersCanBeOpened) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static void removeLeftovers(Path file) throws IOException {
        Pattern name = Pattern.compile(Pattern.quote("." + file.getFileName() + ".") + "(\\d{1,18})-\\d+\\.tmp");
        DirectoryStream.Filter<Path> isLeftover = path -> {
            Matcher matcher = name.matcher(path.getFileName().toString());
            return matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty();
        };
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(file.getParent(), isLeftover)) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void removeUnfinished() {
        // A hook has nobody to report a failure to, so this is the delete that does not throw.
        IN_PROGRESS.forEach(path -> path.toFile().delete());
    }

    /** The cause in words for a sentence that already names the file. */
    static String reason(IOException e) {
        return switch (e) {
            case ClosedByInterruptException _ -> "the write was interrupted";
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case FileSystemException known when known.getReason() != null -> known.getFile() + ": " + known.getReason();
            case FileSystemException unknown ->
                unknown.getFile() + " (" + unknown.getClass().getSimpleName() + ")";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
