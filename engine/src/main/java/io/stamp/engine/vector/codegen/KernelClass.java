package io.stamp.engine.vector.codegen;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import io.stamp.engine.vector.runtime.Lanes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Bytecode of micro-kernels, one hidden class a shape.
 *
 * <p>Vectors of a fast kernel have to be local variables, one each: a vector that reaches a field, an array or a method that is
 * not inlined is boxed, and the kernel then runs a hundred times slower. In source that is one file of hundreds of lines for
 * every shape; as bytecode it is a loop. This class has the calls of the Vector API that such loops are made of; each takes its
 * operands from the stack, in the order of the Java method's parameters, and leaves its result there.
 */
final class KernelClass {
    private static final ClassDesc VECTOR = descriptor(Vector.class);
    private static final ClassDesc FLOATS = descriptor(FloatVector.class);
    private static final ClassDesc SPECIES = descriptor(VectorSpecies.class);
    private static final ClassDesc MASK = descriptor(VectorMask.class);
    private static final ClassDesc ARRAY = CD_float.arrayType();
    private static final ClassDesc LANES = descriptor(Lanes.class);

    private KernelClass() {}

    /** An object of a new class that implements an interface of one method. */
    static <T> T define(String name, Class<T> type, Consumer<CodeBuilder> body) {
        Method method = Arrays.stream(type.getDeclaredMethods()).findFirst().orElseThrow();
        MethodTypeDesc signature = MethodTypeDesc.of(
                descriptor(method.getReturnType()),
                Arrays.stream(method.getParameterTypes())
                        .map(KernelClass::descriptor)
                        .toList());
        byte[] bytes = ClassFile.of()
                .build(ClassDesc.of(KernelClass.class.getPackageName(), name), builder -> builder.withFlags(
                                ClassFile.ACC_FINAL)
                        .withInterfaceSymbols(descriptor(type))
                        .withMethodBody(INIT_NAME, MTD_void, 0, code -> code.aload(0)
                                .invokespecial(CD_Object, INIT_NAME, MTD_void)
                                .return_())
                        .withMethodBody(method.getName(), signature, ClassFile.ACC_PUBLIC, body));
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return type.cast(lookup.lookupClass().getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException unexpected) {
            throw new IllegalStateException("The micro-kernel " + name + " could not be made.", unexpected);
        }
    }

    private static ClassDesc descriptor(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    /** {@code for (int i = 0; i < count; i++)}, where {@code count} and i are local variables. */
    static void repeat(CodeBuilder code, int count, IntConsumer body) {
        int i = code.allocateLocal(TypeKind.INT);
        Label head = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(i).labelBinding(head).iload(i).iload(count).if_icmpge(end);
        body.accept(i);
        code.iinc(i, 1).goto_(head).labelBinding(end);
    }

    /** Pushes the species. */
    static CodeBuilder species(CodeBuilder code) {
        return code.getstatic(LANES, "FLOATS", SPECIES);
    }

    /** Species to a vector of zeros. */
    static CodeBuilder zero(CodeBuilder code) {
        return code.invokestatic(FLOATS, "zero", MethodTypeDesc.of(FLOATS, SPECIES));
    }

    /** Species and value to a vector. */
    static CodeBuilder broadcast(CodeBuilder code) {
        return code.invokestatic(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, SPECIES, CD_float));
    }

    /** Species, array and index to a vector. */
    static CodeBuilder load(CodeBuilder code) {
        return code.invokestatic(FLOATS, "fromArray", MethodTypeDesc.of(FLOATS, SPECIES, ARRAY, CD_int));
    }

    /** Stores, from vector, array and index. */
    static CodeBuilder store(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "intoArray", MethodTypeDesc.of(CD_void, ARRAY, CD_int));
    }

    /** Factor, factor and summand to a vector. */
    static CodeBuilder multiplyAdd(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "fma", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR));
    }

    /** Indices and two vectors to the elements of both that the indices name. */
    static CodeBuilder selectFrom(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "selectFrom", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR));
    }

    /** Two vectors to their sum. */
    static CodeBuilder add(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "add", MethodTypeDesc.of(FLOATS, VECTOR));
    }

    /** Minuend and subtrahend to a vector. */
    static CodeBuilder subtract(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "sub", MethodTypeDesc.of(FLOATS, VECTOR));
    }

    /** Two vectors to their product. */
    static CodeBuilder multiply(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "mul", MethodTypeDesc.of(FLOATS, VECTOR));
    }

    /** A number of lanes to the mask of the first so many. */
    static CodeBuilder first(CodeBuilder code) {
        return code.invokestatic(LANES, "first", MethodTypeDesc.of(MASK, CD_int));
    }

    /** Stores the lanes of the mask, from vector, array, index and mask. */
    static CodeBuilder storeMasked(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "intoArray", MethodTypeDesc.of(CD_void, ARRAY, CD_int, MASK));
    }
}
