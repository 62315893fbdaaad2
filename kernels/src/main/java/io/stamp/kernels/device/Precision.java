package io.stamp.kernels.device;

/** How GEMMs and convolutions are computed; storage is float32 in all of them, sums are accumulated in float32. */
public enum Precision {
    /** Plain fused multiply-adds of float32. */
    STRICT,
    /** Tensor cores on factors rounded to TF32 (10 bits of mantissa). */
    TF32,
    /** Tensor cores on factors rounded to bfloat16 (7 bits of mantissa). */
    BF16
}
