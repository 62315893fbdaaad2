package io.stamp.meta;

import io.stamp.engine.nn.Parameters;

/**
 * A mask generator with its meta-learned starting point.
 *
 * @param function its architecture
 * @param parameters theta and phi, owned by the scope that was innermost when it was made
 * @param seconds of meta-training
 * @param queryLoss smoothed outer loss at the end; NaN without meta-training
 */
public record Generator(MaskGenerator function, Parameters parameters, double seconds, double queryLoss) {}
