// Random numbers: the same bits as the engine's Philox class.
#include "common.cuh"

// Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011), four numbers in place of the
// counter.
__device__ inline void philox(unsigned key0, unsigned key1, unsigned (&counter)[4]) {
    constexpr unsigned MULTIPLIER_0 = 0xD2511F53u;
    constexpr unsigned MULTIPLIER_1 = 0xCD9E8D57u;
    constexpr unsigned WEYL_0 = 0x9E3779B9u;
    constexpr unsigned WEYL_1 = 0xBB67AE85u;
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const unsigned high0 = __umulhi(MULTIPLIER_0, counter[0]);
        const unsigned low0 = MULTIPLIER_0 * counter[0];
        const unsigned high1 = __umulhi(MULTIPLIER_1, counter[2]);
        const unsigned low1 = MULTIPLIER_1 * counter[2];
        counter[0] = high1 ^ counter[1] ^ key0;
        counter[1] = low1;
        counter[2] = high0 ^ counter[3] ^ key1;
        counter[3] = low0;
        key0 += WEYL_0;
        key1 += WEYL_1;
    }
}

// The product is exact, so that a fused multiply-add rounds like the addition in Java.
__device__ inline float uniform_of(unsigned bits) {
    const float scaled = static_cast<float>(bits >> 8) * 0x1p-24f;
    const float u = scaled + 0x1p-25f;
    constexpr float LARGEST = 1.0f - 0x1p-24f;
    return u < LARGEST ? u : LARGEST;
}

// Uniform numbers in (0, 1) of the counters (block of four elements, draw, stream). The halves of a number in memory are
// added to the draw, where there is one: what a captured step cannot know.
extern "C" __global__ void uniform(const float* halves, float* y, unsigned count, unsigned long long seed,
        unsigned stream, unsigned draw) {
    if (halves != nullptr) draw += static_cast<unsigned>(halves[0]) << 16 | static_cast<unsigned>(halves[1]);
    const unsigned blocks = (count + 3) / 4;
    for (unsigned i = grid_start(); i < blocks; i += grid_step()) {
        unsigned numbers[4] = {i, 0, draw, stream};
        philox(static_cast<unsigned>(seed), static_cast<unsigned>(seed >> 32), numbers);
        if (4 * i + 4 <= count) {
            store<4>(y + 4 * i, Pack<4>{{uniform_of(numbers[0]), uniform_of(numbers[1]), uniform_of(numbers[2]),
                                        uniform_of(numbers[3])}});
        } else {
            for (unsigned j = 0; 4 * i + j < count; j++) y[4 * i + j] = uniform_of(numbers[j]);
        }
    }
}
