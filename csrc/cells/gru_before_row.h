// Gated recurrent unit, reset before (Cho et al. 2014), by whole rows; definition in
// kernels/reference/gru.py. With s = LN(W_ih x) + b, and u = LN(W_hn (r h)) + b_hn:
//
//   r, z = σ(s_r + LN(W_hr h) + b_hr), σ(s_z + …)      n = act(s_n + u)      h' = (1 - z) n + z h
//
// W_hn meets what r lets through of h, so its product comes second.

#pragma once

#include "gru_row.h"

namespace vartai::VARTAI_ISA {

struct GruBeforeRow : GruRow {
  static constexpr int kFirst = 2;
  static constexpr bool kTwoPhases = true;

  static void forward(const RowStep& at) {
    const std::int64_t H = at.hidden_size;
    at.keep_sums(kFirst * H);
    if (at.parts.gain != nullptr) normalise(at.sums, kFirst * H, at.parts.gain);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec r = sigmoid(at.sum(0, unit, count)), z = sigmoid(at.sum(1, unit, count));
      at.save(0, unit, r, count);
      at.save(1, unit, z, count);
      at.show(unit, r * load(at.seen + unit), count);
      store(at.sums + H + unit, z, count);  // waits there
    });
  }

  static void finish(const RowStep& at) {
    const std::int64_t H = at.hidden_size;
    if (at.kept_sums != nullptr) copy(at.kept_sums + kFirst * H, at.after, H);
    if (at.parts.gain != nullptr) normalise(at.after, H, at.parts.gain + kFirst * H);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec z = load(at.sums + H + unit, count);
      const Vec u = plus(load(at.after + unit, count), at.parts.bias, kFirst * H + unit, count);
      const Vec n = activated(at.activation, at.input(2, unit, count) + u);
      at.save(2, unit, n, count);
      at.become(unit, fused(z, load(at.hidden + unit) - n, n), count);
    });
  }

  // From the state after to what the second product gave.
  static void begin_back(const RowStepBack& at) {
    const std::int64_t H = at.hidden_size;
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec r = at.gate(0, unit, count), z = at.gate(1, unit, count);
      const Vec n = at.gate(2, unit, count), hidden = load(at.hidden + unit, count);
      const Vec d = at.fresh_share(at.d_hidden, at.keep_hidden, unit, count);
      const Vec d_n = d * (1.0f - z) * slope(at.activation, n);
      put(at, 1, unit, d * (hidden - n) * z * (1.0f - z), count);
      store(at.d_inputs + 2 * H + unit, d_n, count);
      store(at.d_after + unit, d_n, count);
      store(at.shown + unit, r * load(at.seen + unit, count), count);
      store(at.d_hidden + unit, fused(d, z, load(at.d_hidden + unit)));
      add_to(at.d_parts.bias + 2 * H + unit, d_n, count);
    });
    if (const float* const gain = at.parts.gain) {
      normalise_backward(at.kept_sums + 2 * H, H, gain + 2 * H, at.d_after,
                         at.d_parts.gain + 2 * H);
    }
  }

  // And from what it read to the sums of r and z.
  static void backward(const RowStepBack& at) {
    const std::int64_t H = at.hidden_size;
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec r = at.gate(0, unit, count), d_shown = load(at.d_shown + unit, count);
      put(at, 0, unit, d_shown * load(at.seen + unit, count) * r * (1.0f - r), count);
      store(at.d_seen + unit, load(at.d_seen + unit) + d_shown * r);
    });
    at.add_bias(kFirst * H);
    if (const float* const gain = at.parts.gain) {
      normalise_backward(at.kept_sums, kFirst * H, gain, at.d_sums, at.d_parts.gain);
    }
  }
};

}  // namespace vartai::VARTAI_ISA
