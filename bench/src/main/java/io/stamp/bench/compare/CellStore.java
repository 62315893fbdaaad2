package io.stamp.bench.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A folder of results that several processes may fill at the same time. {@code cells/ID.json} is a result, {@code files/ID.safetensors}
 * the network or generator that belongs to it, {@code claims/ID} says who computes it: its holder locks that file, so that the claim of a
 * process that died is free again, whatever killed it.
 *
 * @param folder created where it does not exist
 */
record CellStore(Path folder) {
    private static final String FAILURE = "failure";
    private static final String CELL = "cell";
    private static final String RESULT = "result";
    /** Held alone by what measures time, and together by everything else. */
    private static final String MACHINE = "machine";

    CellStore {
        try {
            for (String part : new String[] {"cells", "files", "claims"}) {
                Files.createDirectories(folder.resolve(part));
            }
        } catch (IOException e) {
            throw new StampException(
                    "The folder " + folder + " cannot be made (" + e.getMessage() + "); give another --out.", e);
        }
    }

    /** The network or generator of a cell. */
    Path artefact(Cell cell) {
        return folder.resolve("files").resolve(cell.id() + ".safetensors");
    }

    Path resumeFile(Cell cell) {
        return folder.resolve("files").resolve(cell.id() + ".resume");
    }

    private Path resultFile(Cell cell) {
        return folder.resolve("cells").resolve(cell.id() + ".json");
    }

    /** Whether there is a result, a failure included. */
    boolean isDone(Cell cell) {
        return Files.exists(resultFile(cell));
    }

    /** Why a cell has no result, where it was tried. */
    Optional<String> failure(Cell cell) {
        return isDone(cell) ? Optional.ofNullable(stored(cell).get(FAILURE)).map(JsonNode::asText) : Optional.empty();
    }

    /** What a cell found; empty where it is not done or has failed. */
    <R> Optional<R> result(Cell cell, Class<R> type) {
        return isDone(cell)
                ? Optional.ofNullable(stored(cell).get(RESULT)).map(tree -> JsonFile.value(tree, type))
                : Optional.empty();
    }

    private ObjectNode stored(Cell cell) {
        Path file = resultFile(cell);
        ObjectNode stored = JsonFile.read(file);
        if (!JsonFile.tree(cell).equals(stored.get(CELL))) {
            throw new StampException(file + " is the result of something else; remove it.");
        }
        return stored;
    }

    /** Keeps what a cell found, with where it comes from. */
    void put(Cell cell, Object result, Object provenance) {
        ObjectNode file = described(cell);
        file.set(RESULT, JsonFile.tree(result));
        file.set("provenance", JsonFile.tree(provenance));
        JsonFile.write(resultFile(cell), file);
    }

    /** Keeps why a cell has no result: it would fail again. */
    void putFailure(Cell cell, String sentence) {
        ObjectNode file = described(cell);
        file.put(FAILURE, sentence);
        JsonFile.write(resultFile(cell), file);
    }

    /** Lets a cell that has failed be computed anew. */
    void forgetFailure(Cell cell) {
        if (failure(cell).isPresent()) {
            try {
                Files.delete(resultFile(cell));
            } catch (IOException e) {
                throw new FailedException(
                        resultFile(cell) + " cannot be removed (" + e.getMessage() + "); remove it.", e);
            }
        }
    }

    private static ObjectNode described(Cell cell) {
        ObjectNode file = JsonNodeFactory.instance.objectNode();
        file.put("title", cell.title());
        file.set(CELL, JsonFile.tree(cell));
        return file;
    }

    /** A lock that ends with {@link #close} or with the process. */
    static final class Claim implements AutoCloseable {
        private final FileChannel channel;
        private final FileLock lock;
        private final Optional<Path> rubbish;

        private Claim(FileChannel channel, FileLock lock, Optional<Path> rubbish) {
            this.channel = channel;
            this.lock = lock;
            this.rubbish = rubbish;
        }

        @Override
        public void close() {
            try (channel) {
                if (rubbish.isPresent()) {
                    // Whoever has opened the file before and locks it afterwards finds the result.
                    Files.deleteIfExists(rubbish.get());
                }
                lock.release();
            } catch (IOException e) {
                throw new FailedException("A claim cannot be released (" + e.getMessage() + ").", e);
            }
        }
    }

    /** The right to compute a cell; empty where another process, or another thread of this one, has it. */
    Optional<Claim> claim(Cell cell) {
        return lock(cell.id(), false, false);
    }

    /** The machine for one process alone, or for one of several; waits for it. */
    Claim machine(boolean alone) {
        return lock(MACHINE, !alone, true).orElseThrow();
    }

    private Optional<Claim> lock(String name, boolean shared, boolean wait) {
        Path file = folder.resolve("claims").resolve(name);
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                FileLock lock =
                        wait ? channel.lock(0, Long.MAX_VALUE, shared) : channel.tryLock(0, Long.MAX_VALUE, shared);
                if (lock != null) {
                    return Optional.of(new Claim(channel, lock, wait ? Optional.empty() : Optional.of(file)));
                }
            } catch (OverlappingFileLockException e) {
                // Another thread of this process has it.
                channel.close();
                return Optional.empty();
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new FailedException(
                    "The claim " + file + " cannot be made (" + e.getMessage() + "); check the folder's permissions.",
                    e);
        }
    }
}
