/**
 * Choosing channels by what the layers that read them would miss, and mending those layers: what they read and put out at sampled
 * positions, the error of an output as a function of its channels, LASSO and least squares. Networks are pruned group by group in the order
 * of their layers, each group in the network as it is by then.
 */
package io.stamp.method.reconstruction;
