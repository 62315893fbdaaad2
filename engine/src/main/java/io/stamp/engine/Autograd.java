package io.stamp.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reverse-mode differentiation over the recorded graph. */
public final class Autograd {
    private Autograd() {}

    /**
     * The gradients of a scalar loss, in the order of {@code wrt}. The values that the graph saved are released on the way, so a
     * loss can be differentiated once. A tensor that the loss does not depend on has the gradient zero.
     */
    public static List<Tensor> gradients(Tensor loss, List<Tensor> wrt) {
        return gradients(loss, wrt, false);
    }

    /**
     * As {@link #gradients(Tensor, List)}; with {@code createGraph} the gradients are tracked themselves and the graph is kept
     * until its scope closes.
     */
    public static List<Tensor> gradients(Tensor loss, List<Tensor> wrt, boolean createGraph) {
        requireDifferentiable(loss, wrt);
        Set<Node> targets = new HashSet<>();
        wrt.forEach(tensor -> targets.add(tensor.node()));
        List<Node> order = nodesBetween(loss.node(), targets);
        try (Scope scope = Scope.open()) {
            Map<Node, Tensor> gradients = new IdentityHashMap<>();
            gradients.put(loss.node(), Tensor.filled(loss.backend(), loss.shape(), 1));
            Set<Node> needed = new HashSet<>(order);
            for (Node node : order) {
                // A target none of whose inputs leads to another target ends the walk.
                if (!node.isLeaf() && (!targets.contains(node) || leadsTo(node, needed))) {
                    propagate(node, gradients, needed, targets, createGraph);
                }
            }
            return wrt.stream()
                    .map(tensor -> keepGradient(scope, tensor, gradients))
                    .toList();
        }
    }

    private static Tensor keepGradient(Scope scope, Tensor tensor, Map<Node, Tensor> gradients) {
        Tensor gradient = gradients.get(tensor.node());
        if (gradient == null) {
            gradient = Tensor.filled(tensor.backend(), tensor.shape(), 0);
        }
        return scope.keep(gradient);
    }

    private static void requireDifferentiable(Tensor loss, List<Tensor> wrt) {
        if (loss.shape().size() != 1) {
            throw new IllegalArgumentException(
                    "Only a single number can be differentiated, not a tensor of shape " + loss.shape() + ".");
        }
        if (!loss.tracked()) {
            throw new IllegalArgumentException(
                    "The loss depends on no leaf; make the parameters leaves with leaf() before the forward pass.");
        }
        for (Tensor tensor : wrt) {
            if (!tensor.tracked()) {
                throw new IllegalArgumentException("A tensor of shape " + tensor.shape()
                        + " is not tracked; make it a leaf() before the forward pass.");
            }
        }
    }

    /** The nodes that lie on a path from the loss to a target, latest first; iterative, since unrolled loops are deep. */
    private static List<Node> nodesBetween(Node loss, Set<Node> targets) {
        long earliest = Long.MAX_VALUE;
        for (Node target : targets) {
            earliest = Math.min(earliest, target.id);
        }
        Set<Node> seen = new HashSet<>();
        List<Node> reachable = new ArrayList<>();
        reachable.add(loss);
        seen.add(loss);
        for (int i = 0; i < reachable.size(); i++) {
            for (Tensor input : reachable.get(i).inputs) {
                Node source = input.node();
                if (source != null && source.id >= earliest && seen.add(source)) {
                    reachable.add(source);
                }
            }
        }
        reachable.sort(Comparator.comparingLong(node -> node.id));
        Set<Node> leading = new HashSet<>();
        List<Node> between = new ArrayList<>();
        for (Node node : reachable) {
            if (targets.contains(node) || leadsTo(node, leading)) {
                leading.add(node);
                between.add(node);
            }
        }
        return between.reversed();
    }

    /** Whether one of the node's inputs is among the nodes. */
    private static boolean leadsTo(Node node, Set<Node> nodes) {
        for (Tensor input : node.inputs) {
            if (nodes.contains(input.node())) {
                return true;
            }
        }
        return false;
    }

    private static void propagate(
            Node node, Map<Node, Tensor> gradients, Set<Node> neededNodes, Set<Node> targets, boolean createGraph) {
        if (node.released()) {
            throw new IllegalStateException("The graph of this loss was released by an earlier backward pass at "
                    + node.op.name() + "; differentiate once, or with createGraph.");
        }
        Tensor gradient = targets.contains(node) ? gradients.get(node) : gradients.remove(node);
        boolean[] needed = new boolean[node.inputs.length];
        for (int i = 0; i < needed.length; i++) {
            needed[i] = neededNodes.contains(node.inputs[i].node());
        }
        try (Scope rule = Scope.open()) {
            List<Tensor> contributions = node.op.backward(new Backward(node, gradient, needed, createGraph));
            for (int i = 0; i < needed.length; i++) {
                if (needed[i]) {
                    accumulate(gradients, node, i, contributions.get(i), rule);
                }
            }
        }
        if (!createGraph) {
            node.release();
            if (!targets.contains(node)) {
                gradient.close();
            }
        }
    }

    private static void accumulate(Map<Node, Tensor> gradients, Node node, int i, Tensor contribution, Scope rule) {
        if (!contribution.shape().equals(node.inputs[i].shape())) {
            throw new IllegalStateException("The gradient rule of " + node.op.name() + " returned the shape "
                    + contribution.shape() + " for input " + i + " of shape " + node.inputs[i].shape() + ".");
        }
        Node source = node.inputs[i].node();
        Tensor before = gradients.get(source);
        Tensor total = before == null ? contribution.alias() : before.plus(contribution);
        gradients.put(source, rule.keep(total));
        if (before != null && !before.tracked()) {
            before.close();
        }
    }
}
