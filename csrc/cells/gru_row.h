// Gated recurrent unit, reset after, in its forms, by whole rows; definition in
// kernels/reference/gru.py. With u = LN(W_hn h) + b_hn:
//
//   r, z = σ(s_r), σ(s_z)      n = act(s_n + r u)      h' = (1 - z) n + z h
//
// s_r and s_z add what the inputs and the hidden state add, s_n has only what the inputs do.

#pragma once

#include "row_step.h"

namespace vartai::VARTAI_ISA {

struct GruRow {
  static constexpr int kGates = 3, kTraced = 3;
  static constexpr int kCarried = 0;
  static constexpr bool kTwoPhases = false;

  // Those of r and z jointly, those of n by themselves.
  static void normalise_sums(float* sums, std::int64_t H, std::int64_t, const float* gain) {
    normalise(sums, 2 * H, gain);
    normalise(sums + 2 * H, H, gain + 2 * H);
  }

  static void normalise_sums_backward(const float* sums, std::int64_t H, std::int64_t,
                                      const float* gain, float* d, float* d_gain) {
    normalise_backward(sums, 2 * H, gain, d, d_gain);
    normalise_backward(sums + 2 * H, H, gain + 2 * H, d + 2 * H, d_gain + 2 * H);
  }

  static void forward(const RowStep& at) {
    const std::int64_t H = at.hidden_size;
    at.keep_sums(kGates * H);
    if (at.parts.gain != nullptr) normalise_sums(at.sums, H, kGates, at.parts.gain);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec r = sigmoid(at.sum(0, unit, count)), z = sigmoid(at.sum(1, unit, count));
      const Vec u = at.recalled(2, unit, count);
      const Vec n = activated(at.activation, fused(r, u, at.input(2, unit, count)));
      at.save(0, unit, r, count);
      at.save(1, unit, z, count);
      at.save(2, unit, n, count);
      at.show(unit, fused(z, load(at.hidden + unit) - n, n), count);
    });
  }

  static void backward(const RowStepBack& at) {
    const std::int64_t H = at.hidden_size;
    const float* const gain = at.parts.gain;
    float* const recalled = at.row(0);
    copy(recalled, at.kept_sums + 2 * H, H);
    if (gain != nullptr) normalise(recalled, H, gain + 2 * H);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec r = at.gate(0, unit, count), z = at.gate(1, unit, count);
      const Vec n = at.gate(2, unit, count), hidden = load(at.hidden + unit, count);
      const Vec u = plus(load(recalled + unit, count), at.parts.bias, 2 * H + unit, count);
      const Vec d = at.fresh_share(at.d_hidden, at.keep_hidden, unit, count);
      const Vec d_n = d * (1.0f - z) * slope(at.activation, n);
      put(at, 0, unit, d_n * u * r * (1.0f - r), count);
      put(at, 1, unit, d * (hidden - n) * z * (1.0f - z), count);
      store(at.d_inputs + 2 * H + unit, d_n, count);
      store(at.d_sums + 2 * H + unit, d_n * r, count);
      store(at.d_hidden + unit, fused(d, z, load(at.d_hidden + unit)));
    });
    at.add_bias(kGates * H);
    if (gain != nullptr) {
      normalise_sums_backward(at.kept_sums, H, kGates, gain, at.d_sums, at.d_parts.gain);
    }
  }

 protected:
  // The inputs and W_hh h are added, and have the same gradient.
  static void put(const RowStepBack& at, int gate, std::int64_t unit, Vec d, std::int64_t count) {
    store(at.d_inputs + gate * at.hidden_size + unit, d, count);
    store(at.d_sums + gate * at.hidden_size + unit, d, count);
  }
};

}  // namespace vartai::VARTAI_ISA
