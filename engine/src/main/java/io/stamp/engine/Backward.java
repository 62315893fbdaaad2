package io.stamp.engine;

/** What an op's gradient rule sees of the recorded call. */
public final class Backward {
    private final Node node;
    private final Tensor gradient;
    private final boolean[] needed;
    private final boolean createGraph;

    Backward(Node node, Tensor gradient, boolean[] needed, boolean createGraph) {
        this.node = node;
        this.gradient = gradient;
        this.needed = needed;
        this.createGraph = createGraph;
    }

    /** The gradient of the loss with respect to the op's output. */
    public Tensor gradient() {
        return gradient;
    }

    /** The value of an input that the op {@linkplain Op#saves saves}; tracked only when the gradient is to be differentiated. */
    public Tensor input(int i) {
        Tensor input = node.inputs[i];
        return createGraph ? input.alias() : input.detach();
    }

    /** The value of the output, where the op {@linkplain Op#savesOutput saves} it. */
    public Tensor output() {
        return createGraph ? node.output().alias() : node.output().detach();
    }

    /** How many inputs the call had. */
    public int inputs() {
        return node.inputs.length;
    }

    public Shape inputShape(int i) {
        return node.inputs[i].shape();
    }

    /** Whether the gradient of that input is wanted. */
    public boolean needs(int i) {
        return needed[i];
    }

    /** Whether the gradient itself will be differentiated; if not, an op may use a kernel that has no gradient. */
    public boolean createGraph() {
        return createGraph;
    }

    /** A gradient only where it is wanted. */
    public Tensor when(int i, java.util.function.Supplier<Tensor> rule) {
        return needed[i] ? rule.get() : null;
    }
}
