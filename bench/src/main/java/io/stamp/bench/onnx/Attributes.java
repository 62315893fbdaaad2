package io.stamp.bench.onnx;

import io.stamp.bench.onnx.proto.AttributeProto;

/** Attributes of ONNX nodes. */
final class Attributes {
    private Attributes() {}

    static AttributeProto of(String name, int value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto of(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value)
                .build();
    }

    /** A list, of two or more elements. */
    static AttributeProto of(String name, int first, int... others) {
        AttributeProto.Builder list = AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addInts(first);
        for (int other : others) {
            list.addInts(other);
        }
        return list.build();
    }
}
