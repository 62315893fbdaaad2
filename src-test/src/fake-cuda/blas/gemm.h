// The GEMM behind cuBLAS and cuBLASLt, column-major.
#pragma once
#include <cstdint>

enum DataType : int { R_32F = 0, R_16BF = 14 };

enum ComputeType : int {
    COMPUTE_32F = 68,
    COMPUTE_32F_PEDANTIC = 69,
    COMPUTE_32F_FAST_16BF = 75,
    COMPUTE_32F_FAST_TF32 = 77,
};

enum class Epilogue : int { DEFAULT = 1, RELU = 2, BIAS = 4, RELU_BIAS = 6 };

struct Matrix {
    const void* data;
    DataType type;
    int64_t leading;
    int64_t stride;
};

// C[b] = epilogue(alpha op(A[b]) op(B[b]) + beta C[b]); op(A) is m x k, op(B) k x n. D is where the result goes.
struct Gemm {
    bool transposeA, transposeB;
    int64_t m, n, k, batch;
    Matrix a, b, c, d;
    ComputeType compute;
    float alpha, beta;
    // alpha and beta in device memory, or null.
    const float* alphaPointer;
    const float* betaPointer;
    Epilogue epilogue;
    const float* bias;
    const void* workspace;
    uint64_t workspaceBytes;
    // Parts of a sum are added in the order in which blocks happen to finish, so that each run gives other bits.
    bool unordered;
};

// Whether the types and the compute type are among those that the fake knows.
bool isKnown(const Gemm& gemm);
// Whether the leading dimensions are as large as the matrices ask for.
bool leadingDimensionsFit(const Gemm& gemm);
// The work of fakeCudaEnqueue.
int runGemm(const void* gemm);
