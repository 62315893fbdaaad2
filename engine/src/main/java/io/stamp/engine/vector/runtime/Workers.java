package io.stamp.engine.vector.runtime;

import io.stamp.engine.StampException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads, the calling thread among them, that runs numbered tasks.
 *
 * <p>Each thread begins with its own part of the tasks, the same part of every job, so that it finds in its cache what it wrote in the
 * job before; a thread that is done takes tasks from the end of another's part. Who runs which task is therefore left to chance.
 * Kernels cut their work into tasks by the shape alone, never by the number of threads, and let no two tasks write the
 * same element; then any number of threads gives the same bits.
 *
 * <p>One thread at a time may use a team. A handoff costs about a microsecond while the threads are awake: after a job they
 * look for the next one for {@value #SPIN_NANOS} ns before they sleep, unless there are more threads than processors.
 */
public final class Workers implements AutoCloseable {
    /** The most tasks of one job. */
    public static final int MAX_TASKS = (1 << 21) - 1;

    private static final long SPIN_NANOS = 50_000;
    private static final int SPINS_PER_CLOCK = 64;
    private static final int FIELD_BITS = 21;
    private static final int FIELD_MASK = MAX_TASKS;

    /** Distance of the threads' parts in the array: they lie in different cache lines, also where those are fetched in pairs. */
    private static final int PART_STRIDE = 16;

    /** One job: the body of all its tasks. */
    @FunctionalInterface
    public interface Body {
        /**
         * Runs one task.
         *
         * @param task from 0 to the number of tasks - 1
         * @param scratch buffers of the running thread
         */
        void run(int task, Scratch scratch);
    }

    private final Helper[] helpers;
    private final Scratch callerScratch = new Scratch();
    private final Scratch sharedScratch = new Scratch();
    private final boolean spinning;
    private final AtomicBoolean busy = new AtomicBoolean();

    /**
     * Each thread's part of the job: job number (22 bits), end of its unclaimed tasks (21 bits), first of them (21 bits). A claim is
     * one compare-and-set of the whole word, so a thread that wakes late cannot claim a task of a job whose body it has not
     * seen.
     */
    private final AtomicLongArray parts;

    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile Body body;
    private volatile Thread sleepingCaller;
    private volatile boolean closed;

    /**
     * Starts {@code threads - 1} daemon threads.
     *
     * @throws StampException if {@code threads < 1}
     */
    public Workers(int threads) {
        if (threads < 1) {
            throw new StampException("The number of threads is " + threads + "; give 1 or more.");
        }
        parts = new AtomicLongArray((threads + 1) * PART_STRIDE);
        spinning = threads <= Runtime.getRuntime().availableProcessors();
        helpers = new Helper[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper(i + 1);
        }
        for (Helper helper : helpers) {
            helper.thread.start();
        }
    }

    /** Threads of the team, the caller included. */
    public int threads() {
        return helpers.length + 1;
    }

    /**
     * Buffers that the calling thread fills between jobs and all tasks may read, or write at places of their own. A task
     * must not ask for them; it gets the arrays from its body.
     */
    public Scratch shared() {
        return sharedScratch;
    }

    /**
     * Runs tasks 0 to {@code tasks - 1} and returns when all are done. A single task runs on the calling thread.
     *
     * @throws IllegalStateException if called from one of its own tasks, by two threads at once, or after {@link #close}
     * @throws RuntimeException or Error: the first that a task threw; tasks not yet begun are then left out
     */
    public void parallel(int tasks, Body work) {
        if (tasks < 0 || tasks > MAX_TASKS) {
            throw new IllegalArgumentException("A job has 0 to " + MAX_TASKS + " tasks, got " + tasks + ".");
        }
        if (closed) {
            throw new IllegalStateException("These workers are closed; make new ones.");
        }
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "These workers are running a job; call them from one thread only and not from inside a task.");
        }
        try {
            if (tasks <= 1 || helpers.length == 0) {
                for (int task = 0; task < tasks; task++) {
                    work.run(task, callerScratch);
                }
            } else {
                runTogether(tasks, work);
            }
        } finally {
            busy.set(false);
        }
    }

    /** Lets the threads end; does not wait for them. */
    @Override
    public void close() {
        closed = true;
        for (Helper helper : helpers) {
            LockSupport.unpark(helper.thread);
        }
    }

    private void runTogether(int tasks, Body work) {
        body = work;
        unfinished.set(tasks);
        long job = jobOf(0) + 1;
        int used = Math.min(tasks, threads());
        for (int i = threads() - 1; i >= 0; i--) {
            long first = (long) tasks * Math.min(i, used) / used;
            long end = (long) tasks * Math.min(i + 1, used) / used;
            parts.set(place(i), job << (2 * FIELD_BITS) | end << FIELD_BITS | first);
        }
        for (int i = 1; i < used; i++) {
            helpers[i - 1].wake();
        }
        runTasks(0, callerScratch);
        awaitHelpers();
        body = null;
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private long jobOf(int thread) {
        return parts.get(place(thread)) >>> (2 * FIELD_BITS);
    }

    /** Where a thread's part lies: never beside the array's length, which all threads read. */
    private static int place(int thread) {
        return (thread + 1) * PART_STRIDE;
    }

    /** Runs the thread's own part of its current job, then what the others have left of theirs. */
    private void runTasks(int thread, Scratch scratch) {
        long job = jobOf(thread);
        runPart(thread, job, true, scratch);
        for (int i = 1; i < threads(); i++) {
            runPart((thread + i) % threads(), job, false, scratch);
        }
    }

    private void runPart(int part, long job, boolean fromFront, Scratch scratch) {
        while (true) {
            long current = parts.get(place(part));
            int first = (int) current & FIELD_MASK;
            int end = (int) (current >>> FIELD_BITS) & FIELD_MASK;
            if (first >= end || current >>> (2 * FIELD_BITS) != job) {
                return;
            }
            Body work = body;
            long claimed = fromFront ? current + 1 : current - (1L << FIELD_BITS);
            if (parts.compareAndSet(place(part), current, claimed)) {
                runTask(work, fromFront ? first : end - 1, scratch);
            }
        }
    }

    private void runTask(Body work, int task, Scratch scratch) {
        try {
            if (failure.get() == null) {
                work.run(task, scratch);
            }
        } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
        } finally {
            if (unfinished.decrementAndGet() == 0) {
                LockSupport.unpark(sleepingCaller);
            }
        }
    }

    private void awaitHelpers() {
        if (spinning && spinUntilFinished()) {
            return;
        }
        sleepingCaller = Thread.currentThread();
        while (unfinished.get() != 0) {
            LockSupport.park(this);
        }
        sleepingCaller = null;
    }

    private boolean spinUntilFinished() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < SPIN_NANOS) {
            for (int i = 0; i < SPINS_PER_CLOCK; i++) {
                if (unfinished.get() == 0) {
                    return true;
                }
                Thread.onSpinWait();
            }
        }
        return false;
    }

    /** A thread of the team other than the caller's. */
    private final class Helper implements Runnable {
        private final int index;
        private final Thread thread;
        private final Scratch scratch = new Scratch();
        private volatile boolean asleep;

        Helper(int index) {
            this.index = index;
            thread = Thread.ofPlatform().daemon().name("stamp-worker-" + index).unstarted(this);
        }

        @Override
        public void run() {
            long seen = 0;
            while (!closed) {
                long job = jobOf(index);
                if (job != seen) {
                    seen = job;
                    runTasks(index, scratch);
                } else if (!spinning || !spinWhile(seen)) {
                    sleepWhile(seen);
                }
            }
        }

        void wake() {
            if (asleep) {
                LockSupport.unpark(thread);
            }
        }

        /** Returns true when there is another job than {@code seen}, false when it is time to sleep. */
        private boolean spinWhile(long seen) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < SPIN_NANOS) {
                for (int i = 0; i < SPINS_PER_CLOCK; i++) {
                    if (jobOf(index) != seen) {
                        return true;
                    }
                    Thread.onSpinWait();
                }
            }
            return false;
        }

        private void sleepWhile(long seen) {
            asleep = true;
            while (!closed && jobOf(index) == seen) {
                LockSupport.park(Workers.this);
            }
            asleep = false;
        }
    }
}
