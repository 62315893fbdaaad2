package io.stamp.bench.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

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
    private static final String PROVENANCE = "provenance";
    /** Held alone by what measures time, and together by everything else. */
    private static final String MACHINE = "machine";

    private static final long WAIT_MILLIS = 200;

    /** Claims of this process. Locks are between processes, and where a process closes a file it loses all its locks on it. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

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

    /** The state to continue from; every backend has its own, since it computes other bits. */
    Path resumeFile(Cell cell, String backend) {
        return folder.resolve("files").resolve(cell.id() + "." + backend + ".resume");
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
                ? Optional.ofNullable(stored(cell).get(RESULT)).map(tree -> value(cell, tree, type))
                : Optional.empty();
    }

    private <R> R value(Cell cell, JsonNode tree, Class<R> type) {
        try {
            return JsonFile.value(tree, type);
        } catch (StampException e) {
            throw new StampException(resultFile(cell) + ": " + e.getMessage(), e);
        }
    }

    private ObjectNode stored(Cell cell) {
        Path file = resultFile(cell);
        ObjectNode stored = JsonFile.read(file);
        if (!JsonFile.tree(cell).equals(stored.get(CELL))) {
            throw new StampException(file + " is the result of something else; remove it.");
        }
        if (!stored.has(FAILURE) && !stored.has(RESULT)) {
            throw new StampException(file + " holds neither a result nor why there is none; remove it.");
        }
        return stored;
    }

    /** Keeps what a cell found, with where it comes from. */
    void put(Cell cell, Object result, Object provenance) {
        ObjectNode file = described(cell);
        file.set(RESULT, JsonFile.tree(result));
        file.set(PROVENANCE, JsonFile.tree(provenance));
        JsonFile.write(resultFile(cell), file);
    }

    /** Keeps why a cell has no result: it would fail again. */
    void putFailure(Cell cell, String sentence) {
        ObjectNode file = described(cell);
        file.put(FAILURE, sentence);
        JsonFile.write(resultFile(cell), file);
    }

    /** The commit and the backend that computed a cell; empty where it is not done or has failed. */
    Optional<Origin> origin(Cell cell) {
        return isDone(cell)
                ? Optional.ofNullable(stored(cell).get(PROVENANCE))
                        .map(tree -> new Origin(
                                tree.path("git_id").asText(),
                                tree.path("backend").asText()))
                : Optional.empty();
    }

    /** Where a result comes from. Another commit or backend may compute other numbers for the same cell. */
    record Origin(String commit, String backend) {
        @Override
        public String toString() {
            return "commit " + commit + " on backend " + backend;
        }
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

    /**
     * An error where what a finished cell has left is gone: whatever needs it must not be taken for impossible.
     *
     * @throws StampException naming the file
     */
    void requireArtefact(Cell cell) {
        if (cell.leavesFile() && !Files.exists(artefact(cell))) {
            throw new StampException(artefact(cell) + " is gone though its result is there; remove " + resultFile(cell)
                    + " too, so that both are computed anew.");
        }
    }

    /** A lock that ends with {@link #close} or with the process. Its file stays: another process may be about to lock it. */
    record Claim(Path file, FileChannel channel) implements AutoCloseable {
        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new FailedException("The claim " + file + " cannot be released (" + e.getMessage() + ").", e);
            } finally {
                HELD.remove(file);
            }
        }
    }

    /** The right to compute a cell; empty where another process, or another thread of this one, has it. */
    Optional<Claim> claim(Cell cell) {
        return lock(cell.id(), false);
    }

    /** The machine for one process alone, or for one of several; waits for it. Threads of one process take turns in any case. */
    Claim machine(boolean alone) {
        while (true) {
            Optional<Claim> claim = lock(MACHINE, !alone);
            if (claim.isPresent()) {
                return claim.get();
            }
            pause();
        }
    }

    /** For whoever waits until others are done. */
    static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException("The comparison was interrupted; repeat its command to continue it.", e);
        }
    }

    private Optional<Claim> lock(String name, boolean shared) {
        Path file = folder.resolve("claims").resolve(name).toAbsolutePath().normalize();
        if (!HELD.add(file)) {
            return Optional.empty();
        }
        boolean locked = false;
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            locked = channel.tryLock(0, Long.MAX_VALUE, shared) != null;
            if (locked) {
                return Optional.of(new Claim(file, channel));
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new FailedException(
                    "The claim " + file + " cannot be made (" + e.getMessage() + "); check the folder's permissions.",
                    e);
        } finally {
            if (!locked) {
                HELD.remove(file);
            }
        }
    }
}
