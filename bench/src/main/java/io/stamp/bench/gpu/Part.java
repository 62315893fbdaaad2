package io.stamp.bench.gpu;

/** One part of {@code gpu-check}; it adds its results to the report one by one, and stops when time is up. */
@FunctionalInterface
interface Part {
    void run(CheckContext context);
}
