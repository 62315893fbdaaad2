package io.stamp.engine.checkpoint;

/**
 * What the header of a safetensors file says of one tensor.
 *
 * @param shape sizes of the dimensions in row-major order
 * @param begin first byte, counted from the start of the data section
 * @param end the byte after the last
 */
public record StoredTensor(String name, Type type, int[] shape, long begin, long end) {

    /** The element types of the format, named as in its headers. */
    public enum Type {
        BOOL(1),
        U8(1),
        I8(1),
        F8_E5M2(1),
        F8_E4M3(1),
        I16(2),
        U16(2),
        F16(2),
        BF16(2),
        I32(4),
        U32(4),
        F32(4),
        I64(8),
        U64(8),
        F64(8);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes of one element. */
        public int bytes() {
            return bytes;
        }
    }

    /** Number of elements. */
    public long elements() {
        return (end - begin) / type.bytes();
    }
}
