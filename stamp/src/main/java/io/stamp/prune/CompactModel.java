package io.stamp.prune;

import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;

/**
 * A model that has been made small: removed channels exist no more, in parameters, state or optimiser state.
 *
 * @param model the small model; it shares no memory with the full one
 * @param plan what was removed, and from what
 * @param optimiser optimiser state for the small model, empty if none was given
 * @param parity how exactly it computes what the masked full model computes
 */
public record CompactModel(Model model, PruningPlan plan, Parameters optimiser, Parity parity) {}
