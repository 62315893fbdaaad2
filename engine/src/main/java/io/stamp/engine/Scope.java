package io.stamp.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Owns the tensors made while it is the innermost open scope of its thread, and frees them when it closes.
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *     Tensor loss = ...;
 *     return step.keep(loss); // now owned by the enclosing scope
 * }
 * }</pre>
 *
 * Values that autograd saved live on until the backward pass has used them. When a scope closes, what is left of them is freed, unless
 * a tracked tensor was kept: then all of them go to the enclosing scope, for any of them may be needed to differentiate it.
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

    private final Scope parent;
    private final Thread thread = Thread.currentThread();
    private List<Tensor> tensors = new ArrayList<>();
    private List<Node> nodes = new ArrayList<>();
    private boolean keptTracked;

    private Scope(Scope parent) {
        this.parent = parent;
    }

    public static Scope open() {
        Scope scope = new Scope(CURRENT.get());
        CURRENT.set(scope);
        return scope;
    }

    static Scope current() {
        Scope scope = CURRENT.get();
        if (scope == null) {
            throw new IllegalStateException("Tensors need an owner: open one with try (Scope scope = Scope.open()).");
        }
        return scope;
    }

    void own(Tensor tensor) {
        tensors.add(tensor);
        tensor.owner = this;
    }

    void own(Node node) {
        nodes.add(node);
    }

    /** Hands a tensor to the enclosing scope; one that this scope does not own is returned unchanged. */
    public Tensor keep(Tensor tensor) {
        if (tensor.owner == this) {
            if (parent == null) {
                throw new IllegalStateException("The outermost scope has no enclosing scope to hand a tensor to.");
            }
            parent.own(tensor);
            keptTracked |= tensor.tracked();
        }
        return tensor;
    }

    /** {@link #keep(Tensor)} for each element. */
    public List<Tensor> keep(List<Tensor> kept) {
        kept.forEach(this::keep);
        return kept;
    }

    /** Frees what was not kept; scopes close in the reverse order of opening, on the thread that opened them. */
    @Override
    public void close() {
        if (tensors == null) {
            return;
        }
        if (CURRENT.get() != this) {
            throw new IllegalStateException(
                    thread == Thread.currentThread()
                            ? "Scopes must be closed in the reverse order of opening."
                            : "A scope must be closed by the thread that opened it, " + thread.getName() + ".");
        }
        CURRENT.set(parent);
        for (Tensor tensor : tensors) {
            if (tensor.owner == this) {
                tensor.close();
            }
        }
        for (Node node : nodes) {
            if (keptTracked && !node.released()) {
                parent.own(node);
            } else {
                node.release();
            }
        }
        tensors = null;
        nodes = null;
    }
}
