// sLSTM of Beck et al. 2024, by whole rows; definition in kernels/reference/slstm.py. Sums
// i, f, z, o; stabiliser m, cell c and normaliser n, both e^m times smaller than they are:
//
//   m' = max(i, m + ln σ(f)), or i where n = 0
//   I  = e^(i - m')        F = e^(m + ln σ(f) - m')
//   c' = F c + I tanh(z)   n' = F n + I   h' = σ(o) c' / n'
//
// Carried: c, n, m. Kept: I, F, tanh(z), σ(o), σ(f). R has a block a head; here it is whole, with
// zeros outside the blocks.

#pragma once

#include "row_step.h"

namespace vartai::VARTAI_ISA {

inline Vec log_sigmoid(Vec x) {
  return at_most(x, 0.0f) - log_of_one_plus(exponential_down(-magnitude(x)));
}

struct SlstmRow {
  static constexpr int kGates = 4, kTraced = 5;
  static constexpr int kCarried = 3;
  static constexpr bool kTwoPhases = false;

  // Not in any of its forms.
  static void normalise_sums(float*, std::int64_t, std::int64_t, const float*) {}
  static void normalise_sums_backward(const float*, std::int64_t, std::int64_t, const float*,
                                      float*, float*) {}

  static void forward(const RowStep& at) {
    const std::int64_t H = at.hidden_size, next = padded(H);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      float* const carried = at.cell + unit;
      const Vec c = load(carried), n = load(carried + next), m = load(carried + 2 * next);
      const Vec i = at.sum(0, unit, count), f = at.sum(1, unit, count);
      const Vec z = tanh(at.sum(2, unit, count)), o = sigmoid(at.sum(3, unit, count));
      const Vec held = m + log_sigmoid(f);
      const Vec highest = n == 0.0f ? i : i > held ? i : held;
      const Vec take = exponential_down(i - highest), keep = exponential_down(held - highest);
      const Vec cell = fused(keep, c, take * z), normaliser = fused(keep, n, take);
      store(carried, cell);
      store(carried + next, normaliser);
      store(carried + 2 * next, highest);
      at.save(0, unit, take, count);
      at.save(1, unit, keep, count);
      at.save(2, unit, z, count);
      at.save(3, unit, o, count);
      at.save(4, unit, sigmoid(f), count);
      at.show(unit, o * cell / normaliser, count);
    });
  }

  // The stabiliser after a step counts as a constant; the one before the first step has a gradient.
  static void backward(const RowStepBack& at) {
    const std::int64_t H = at.hidden_size, next = padded(H);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec take = at.gate(0, unit, count), keep = at.gate(1, unit, count);
      const Vec z = at.gate(2, unit, count), o = at.gate(3, unit, count);
      const Vec c = load(at.cell + unit, count), n = load(at.cell + H + unit, count);
      const Vec shown = load(at.outputs + unit, count);
      const Vec d = at.shown_share(unit, count);
      // Lanes past the last unit divide by zero, and are not stored.
      const Vec share = d / load(at.cells + H + unit, count);
      float* const d_carried = at.d_cell + unit;
      const Vec d_cell = fused(share, o, load(d_carried));
      const Vec d_normaliser = load(d_carried + next) - share * shown;
      // Where n = 0 and F was held down to 1 it depends on nothing.
      const Vec free = n == 0.0f ? (keep < 1.0f ? splat(1.0f) : Vec{}) : splat(1.0f);
      const Vec d_held = free * keep * fused(d_cell, c, d_normaliser * n);
      store(at.d_inputs + unit, take * fused(z, d_cell, d_normaliser), count);
      store(at.d_inputs + H + unit, d_held * (1.0f - at.gate(4, unit, count)), count);
      store(at.d_inputs + 2 * H + unit, d_cell * take * (1.0f - z * z), count);
      store(at.d_inputs + 3 * H + unit, d * shown * (1.0f - o), count);
      store(d_carried, keep * d_cell, count);
      store(d_carried + next, keep * d_normaliser, count);
      store(d_carried + 2 * next, d_held, count);
    });
    copy(at.d_sums, at.d_inputs, kGates * H);
    at.add_bias(kGates * H);
  }
};

}  // namespace vartai::VARTAI_ISA
