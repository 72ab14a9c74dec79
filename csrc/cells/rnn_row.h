// Simple (Elman) cell in all its forms, by whole rows; definition in kernels/reference/rnn.py:
//
//   h' = act(LN(W_ih x + W_hh h) + b)

#pragma once

#include "row_step.h"

namespace vartai::VARTAI_ISA {

struct RnnRow {
  static constexpr int kGates = 1, kTraced = 1;
  static constexpr int kCarried = 0;
  static constexpr bool kTwoPhases = false;

  static void normalise_sums(float* sums, std::int64_t H, std::int64_t, const float* gain) {
    normalise(sums, H, gain);
  }

  static void normalise_sums_backward(const float* sums, std::int64_t H, std::int64_t,
                                      const float* gain, float* d, float* d_gain) {
    normalise_backward(sums, H, gain, d, d_gain);
  }

  static void forward(const RowStep& at) {
    const std::int64_t H = at.hidden_size;
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      store(at.sums + unit, load(at.sums + unit, count) + load(at.inputs + unit, count), count);
    });
    at.keep_sums(H);
    if (at.parts.gain != nullptr) normalise_sums(at.sums, H, kGates, at.parts.gain);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec fresh = activated(at.activation, at.recalled(0, unit, count));
      at.save(0, unit, fresh, count);
      at.show(unit, fresh, count);
    });
  }

  static void backward(const RowStepBack& at) {
    const std::int64_t H = at.hidden_size;
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec d = at.fresh_share(at.d_hidden, at.keep_hidden, unit, count);
      store(at.d_sums + unit, d * slope(at.activation, at.gate(0, unit, count)), count);
    });
    at.add_bias(H);
    if (at.parts.gain != nullptr) {
      normalise_sums_backward(at.kept_sums, H, kGates, at.parts.gain, at.d_sums,
                              at.d_parts.gain);
    }
    copy(at.d_inputs, at.d_sums, H);
  }
};

}  // namespace vartai::VARTAI_ISA
