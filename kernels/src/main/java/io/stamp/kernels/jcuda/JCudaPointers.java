package io.stamp.kernels.jcuda;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;
import jcuda.Pointer;

/**
 * JCuda's objects for addresses and back. JCuda keeps the address of a handle in a private field that only its native half sets; its
 * stream, handle and descriptor classes have no constructor that takes one.
 */
final class JCudaPointers {
    private static final VarHandle ADDRESS = address();

    private JCudaPointers() {}

    private static VarHandle address() {
        try {
            return MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
                    .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "JCuda keeps its pointers in another way than the version that STAMP uses", e);
        }
    }

    /** The same object, which stands for that address from now on. */
    static <T extends NativePointerObject> T at(T object, long address) {
        ADDRESS.set(object, address);
        return object;
    }

    /** The address that an object stands for. */
    static long of(NativePointerObject object) {
        return (long) ADDRESS.get(object);
    }

    /** An array on the device. */
    static Pointer device(long address) {
        return at(new Pointer(), address);
    }
}
