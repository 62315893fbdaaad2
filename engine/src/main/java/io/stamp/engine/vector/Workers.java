package io.stamp.engine.vector;

import io.stamp.engine.StampException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads, the calling thread among them, that runs numbered tasks.
 *
 * <p>Who runs which task is left to chance. Kernels therefore cut their work into tasks by the shape alone, never by the
 * number of threads, and let no two tasks write the same element; then any number of threads gives the same bits.
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
     * Job number (22 bits), tasks of the job (21 bits), next unclaimed task (21 bits). A claim is one compare-and-set of the
     * whole word, so a thread that wakes late cannot claim a task of a job whose body it has not seen.
     */
    private final AtomicLong state = new AtomicLong();

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
        long job = (state.get() >>> (2 * FIELD_BITS)) + 1;
        state.set(job << (2 * FIELD_BITS) | (long) tasks << FIELD_BITS);
        int wanted = Math.min(helpers.length, tasks - 1);
        for (int i = 0; i < wanted; i++) {
            helpers[i].wake();
        }
        runTasks(callerScratch);
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

    private void runTasks(Scratch scratch) {
        while (true) {
            long current = state.get();
            int next = (int) current & FIELD_MASK;
            if (next >= ((int) (current >>> FIELD_BITS) & FIELD_MASK)) {
                return;
            }
            Body work = body;
            if (state.compareAndSet(current, current + 1)) {
                runTask(work, next, scratch);
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
        private final Thread thread;
        private final Scratch scratch = new Scratch();
        private volatile boolean asleep;

        Helper(int index) {
            thread = Thread.ofPlatform().daemon().name("stamp-worker-" + index).unstarted(this);
        }

        @Override
        public void run() {
            long seen = 0;
            while (!closed) {
                long job = state.get() >>> (2 * FIELD_BITS);
                if (job != seen) {
                    seen = job;
                    runTasks(scratch);
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
                    if (state.get() >>> (2 * FIELD_BITS) != seen) {
                        return true;
                    }
                    Thread.onSpinWait();
                }
            }
            return false;
        }

        private void sleepWhile(long seen) {
            asleep = true;
            while (!closed && state.get() >>> (2 * FIELD_BITS) == seen) {
                LockSupport.park(Workers.this);
            }
            asleep = false;
        }
    }
}
