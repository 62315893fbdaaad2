package io.stamp.prune;

/**
 * The channels that a layer makes or reads, position by position.
 *
 * @param layer name of the layer
 * @param units for each position the unit that it belongs to; must not be changed
 */
public record LayerAxis(String layer, int[] units) {}
