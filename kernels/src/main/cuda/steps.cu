// Updates in place: optimiser steps and moving averages.
#include "common.cuh"

// Calls whole(i) for packs of four elements that begin at i, and single(i) for each of the rest.
template <class Whole, class Single>
__device__ void update_elements(unsigned count, Whole whole, Single single) {
    const unsigned packs = count / 4;
    for (unsigned i = grid_start(); i < packs; i += grid_step()) whole(4 * i);
    for (unsigned i = 4 * packs + grid_start(); i < count; i += grid_step()) single(i);
}

struct Sgd {
    float rate;
    float momentum;
    float decay;
    bool nesterov;

    template <int V>
    __device__ void step(float* parameters, float* velocities, const float* gradients) const {
        Pack<V> p = load<V>(parameters);
        Pack<V> v = load<V>(velocities);
        const Pack<V> g = load<V>(gradients);
#pragma unroll
        for (int j = 0; j < V; j++) {
            const float decayed = fmaf(decay, p.at[j], g.at[j]);
            v.at[j] = fmaf(momentum, v.at[j], decayed);
            p.at[j] = fmaf(-rate, nesterov ? fmaf(momentum, v.at[j], decayed) : v.at[j], p.at[j]);
        }
        store<V>(velocities, v);
        store<V>(parameters, p);
    }
};

// What changes from step to step is read from memory, so that a captured step can be replayed.
extern "C" __global__ void sgd(float* p, float* v, const float* g, const float* rate, unsigned count, float momentum,
        float decay, int nesterov) {
    const Sgd sgd{rate[0], momentum, decay, nesterov != 0};
    update_elements(
            count, [=](unsigned i) { sgd.step<4>(p + i, v + i, g + i); },
            [=](unsigned i) { sgd.step<1>(p + i, v + i, g + i); });
}

// rate is divided by the first moment's correction; scale is one over the second one's; damping is the square of
// epsilon. The first two change from step to step and come from memory.
struct Adam {
    float rate;
    float beta1;
    float beta2;
    float fresh1;
    float fresh2;
    float scale;
    float damping;

    template <int V>
    __device__ void step(float* parameters, float* firsts, float* seconds, const float* gradients) const {
        Pack<V> p = load<V>(parameters);
        Pack<V> m = load<V>(firsts);
        Pack<V> v = load<V>(seconds);
        const Pack<V> g = load<V>(gradients);
#pragma unroll
        for (int j = 0; j < V; j++) {
            m.at[j] = fmaf(beta1, m.at[j], fresh1 * g.at[j]);
            v.at[j] = fmaf(beta2, v.at[j], fresh2 * (g.at[j] * g.at[j]));
            p.at[j] -= rate * m.at[j] / sqrtf(fmaf(v.at[j], scale, damping));
        }
        store<V>(firsts, m);
        store<V>(seconds, v);
        store<V>(parameters, p);
    }
};

extern "C" __global__ void adam(float* p, float* m, float* v, const float* g, const float* factors,
        unsigned count, float beta1, float beta2, float fresh1, float fresh2, float damping) {
    const Adam adam{factors[0], beta1, beta2, fresh1, fresh2, factors[1], damping};
    update_elements(
            count, [=](unsigned i) { adam.step<4>(p + i, m + i, v + i, g + i); },
            [=](unsigned i) { adam.step<1>(p + i, m + i, v + i, g + i); });
}

// average += rate * (value - average)
extern "C" __global__ void moving_average(float* average, const float* value, unsigned count, float rate) {
    for (unsigned i = grid_start(); i < count; i += grid_step())
        average[i] = fmaf(rate, value[i] - average[i], average[i]);
}
