/**
 * Image data sets, in the shape that a network takes: readers for public formats, the embedded procedural sets, views, augmentation and
 * loading.
 *
 * <p>Start at {@link io.stamp.data.DataSource#parse(String)}; train with {@link io.stamp.data.BatchLoader}; evaluate
 * with {@link io.stamp.data.EvaluationBatches}. Every random draw comes from Philox counters, so that a batch is a pure
 * function of seed, epoch and batch number.
 */
package io.stamp.data;
