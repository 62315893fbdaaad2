package io.stamp.data;

/** Philox stream numbers of this package, so that draws for different purposes never share a counter. */
final class Streams {
    static final int SHUFFLE = 0x0DA7A001;
    static final int AUGMENT = 0x0DA7A002;
    static final int SPLIT = 0x0DA7A003;

    private Streams() {}
}
