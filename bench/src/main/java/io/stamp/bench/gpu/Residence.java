package io.stamp.bench.gpu;

/** Where the tensors of a kernel are while it is measured again and again. */
enum Residence {
    /** Larger than the level-2 cache, so that each pass comes from memory. */
    MEMORY("device memory"),
    /** Small enough to stay in it from pass to pass, as most tensors of a training step do. */
    CACHE("level-2 cache");

    private final String words;

    Residence(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
