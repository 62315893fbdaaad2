/**
 * How channels are chosen. A {@link io.stamp.method.Pruner} turns a {@link io.stamp.method.PruningTask} into a plan; most consist of an
 * {@link io.stamp.method.Importance}, which scores channels, and an {@link io.stamp.method.Allocation}, which says how many of each group
 * stay. {@link io.stamp.method.Methods} knows them by name, those on the class path included; {@link io.stamp.method.TargetPruning} is
 * the one way that all of them go: plan, compaction with its check, batch-norm statistics of the target.
 */
package io.stamp.method;
