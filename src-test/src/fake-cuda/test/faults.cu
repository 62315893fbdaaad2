// Kernels for the tests of the fake itself: correct ones, and one for each mistake that it has to find.

extern "C" __global__ void add(const float* a, const float* b, float* sum, int count, float factor) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
        sum[i] = a[i] + factor * b[i];
    }
}

// Sums of blocks: tree in shared memory, then lanes of one warp. Missing: 1 leaves out the barrier before the lanes.
template <int MISSING>
__device__ void block_sums(const float* values, float* sums) {
    __shared__ float shared[64];
    shared[threadIdx.x] = values[blockIdx.x * 64 + threadIdx.x];
    if (MISSING == 0) __syncthreads();
    if (threadIdx.x < 32) {
        float sum = shared[threadIdx.x] + shared[threadIdx.x + 32];
        for (int distance = 16; distance > 0; distance /= 2) {
            sum += __shfl_down_sync(0xffffffffu, sum, distance);
        }
        if (threadIdx.x == 0) sums[blockIdx.x] = sum;
    }
}

extern "C" __global__ void sums(const float* values, float* sums) { block_sums<0>(values, sums); }

extern "C" __global__ void sums_without_barrier(const float* values, float* sums) { block_sums<1>(values, sums); }

extern "C" __global__ void reverse(float* values, int count) {
    DYNAMIC_SHARED(float, copy);
    copy[threadIdx.x] = values[threadIdx.x];
    __syncthreads();
    values[threadIdx.x] = copy[count - 1 - threadIdx.x];
}

extern "C" __global__ void diverging(float* values) {
    if (threadIdx.x < 5) __syncthreads();
    values[threadIdx.x] = 1;
}

extern "C" __global__ void lanes_missing(float* values) {
    if (threadIdx.x != 3) values[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
}

extern "C" __global__ void outside(float* values, int index) {
    float local[4];
    for (int i = 0; i < 4; i++) local[i] = values[i];
    values[0] = local[index];
}

extern "C" __global__ void misaligned(float* values, int index) {
    *reinterpret_cast<float4*>(values + index) = make_float4(1, 2, 3, 4);
}

extern "C" __global__ void divided(int* values, int divisor) { values[0] = values[0] / divisor; }

// What is in shared memory at the start.
extern "C" __global__ void unset(float* values) {
    __shared__ float shared[32];
    // Never so; an array that nothing writes would not be kept.
    if (gridDim.x > 1000) shared[threadIdx.x] = 0;
    values[threadIdx.x] = shared[threadIdx.x];
}

extern "C" __global__ void ballots(unsigned* values, int count) {
    bool odd = threadIdx.x % 2 == 1;
    unsigned mask = odd ? 0xaaaaaaaau : 0x55555555u;
    if (odd) {
        values[threadIdx.x] = __ballot_sync(mask, threadIdx.x < count);
    } else {
        values[threadIdx.x] = __ballot_sync(mask, threadIdx.x < count);
    }
}
