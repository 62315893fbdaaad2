package io.stamp.engine.vector.runtime;

import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Memory of one tensor, and what a kernel has derived from its values for calls to come, such as packed weights. What is derived
 * is forgotten when the memory is written or freed.
 */
public final class FloatMemory {
    private final float[] values;
    private Object derived;

    public FloatMemory(int length) {
        values = new float[length];
    }

    public float[] values() {
        return values;
    }

    /** What was derived before, if it is of that type and fits; otherwise it is made and kept. */
    public <T> T derived(Class<T> type, Predicate<T> fits, Supplier<T> make) {
        if (type.isInstance(derived) && fits.test(type.cast(derived))) {
            return type.cast(derived);
        }
        T made = make.get();
        derived = made;
        return made;
    }

    public void forgetDerived() {
        derived = null;
    }
}
