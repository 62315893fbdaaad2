package io.stamp.data;

/** What happens to image files that cannot be read. */
public enum BadImages {
    /** They are named, all of them, and the data set is not used. */
    REFUSE,
    /** They are named and counted, and the data set is used without them. */
    SKIP
}
