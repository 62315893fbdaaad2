// Updates in place: optimiser steps and moving averages. What changes from step to step is read from memory, so that a
// captured step can be replayed.
#include "tuples.cuh"

// (parameters, velocities, gradients, rate); the factor is the weight decay.
struct Sgd {
    float momentum;
    bool nesterov;

    template <int V>
    __device__ void step(const Tuple<4>& tuple, unsigned i) const {
        Pack<V> p = load<V>(tuple.tensors[0] + i);
        Pack<V> v = load<V>(tuple.tensors[1] + i);
        const Pack<V> g = load<V>(tuple.tensors[2] + i);
        const float rate = *tuple.tensors[3];
#pragma unroll
        for (int j = 0; j < V; j++) {
            const float decayed = fmaf(tuple.factor, p.at[j], g.at[j]);
            v.at[j] = fmaf(momentum, v.at[j], decayed);
            p.at[j] = fmaf(-rate, nesterov ? fmaf(momentum, v.at[j], decayed) : v.at[j], p.at[j]);
        }
        store<V>(tuple.tensors[1] + i, v);
        store<V>(tuple.tensors[0] + i, p);
    }
};

extern "C" __global__ void sgd(
        const __grid_constant__ Tuples<4> tuples, int count, float momentum, int nesterov) {
    update_elements(tuples, count, Sgd{momentum, nesterov != 0});
}

// (parameters, first moments, second moments, gradients, factors): the factors are the rate divided by the first
// moment's correction, and one over the second one's. damping is the square of epsilon.
struct Adam {
    float beta1;
    float beta2;
    float fresh1;
    float fresh2;
    float damping;

    template <int V>
    __device__ void step(const Tuple<5>& tuple, unsigned i) const {
        Pack<V> p = load<V>(tuple.tensors[0] + i);
        Pack<V> m = load<V>(tuple.tensors[1] + i);
        Pack<V> v = load<V>(tuple.tensors[2] + i);
        const Pack<V> g = load<V>(tuple.tensors[3] + i);
        const float rate = tuple.tensors[4][0];
        const float scale = tuple.tensors[4][1];
#pragma unroll
        for (int j = 0; j < V; j++) {
            m.at[j] = fmaf(beta1, m.at[j], fresh1 * g.at[j]);
            v.at[j] = fmaf(beta2, v.at[j], fresh2 * (g.at[j] * g.at[j]));
            p.at[j] -= rate * m.at[j] / sqrtf(fmaf(v.at[j], scale, damping));
        }
        store<V>(tuple.tensors[1] + i, m);
        store<V>(tuple.tensors[2] + i, v);
        store<V>(tuple.tensors[0] + i, p);
    }
};

extern "C" __global__ void adam(const __grid_constant__ Tuples<5> tuples, int count, float beta1, float beta2,
        float fresh1, float fresh2, float damping) {
    update_elements(tuples, count, Adam{beta1, beta2, fresh1, fresh2, damping});
}

// (averages, values): average += rate * (value - average)
struct MovingAverage {
    float rate;

    template <int V>
    __device__ void step(const Tuple<2>& tuple, unsigned i) const {
        Pack<V> average = load<V>(tuple.tensors[0] + i);
        const Pack<V> value = load<V>(tuple.tensors[1] + i);
#pragma unroll
        for (int j = 0; j < V; j++) {
            // Adding the difference would leave rounding errors of the size of the old value.
            average.at[j] =
                    rate == 1.0f ? value.at[j] : fmaf(rate, value.at[j] - average.at[j], average.at[j]);
        }
        store<V>(tuple.tensors[0] + i, average);
    }
};

extern "C" __global__ void moving_average(const __grid_constant__ Tuples<2> tuples, int count, float rate) {
    update_elements(tuples, count, MovingAverage{rate});
}
