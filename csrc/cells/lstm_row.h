// Long short-term memory in all its forms, by whole rows; definition and sources in
// kernels/reference/lstm.py. With s = LN(W_ih x) + LN(W_hh h) + b, p the peepholes:
//
//   i = σ(s_i + p_i c)      f = σ(s_f + p_f c), or 1 - i if coupled      g = act(s_g)
//   c' = f c + i g          o = σ(s_o + p_o c')                          h' = o act(LN(c') + b_c)

#pragma once

#include "row_step.h"

namespace vartai::VARTAI_ISA {

template <bool kCoupled>
struct LstmRow {
  static constexpr int kGates = kCoupled ? 3 : 4;  // blocks of weights
  static constexpr int kTraced = 4;                // gates that are kept: i, f, g, o
  static constexpr int kFirst = kGates, kCarried = 1;
  static constexpr bool kTwoPhases = false;  // the loop knows what to do with a projection

  static void normalise_sums(float* sums, std::int64_t H, const float* gain) {
    normalise(sums, kGates * H, gain);
  }

  static void normalise_sums_backward(const float* sums, std::int64_t H, const float* gain,
                                      float* d, float* d_gain) {
    normalise_backward(sums, kGates * H, gain, d, d_gain);
  }

  static void forward(const RowStep& at) {
    const std::int64_t H = at.hidden_size;
    at.keep_sums(kGates * H);
    if (at.parts.gain != nullptr) normalise_sums(at.sums, H, at.parts.gain);
    float *const fresh = at.row(0), *const shown = at.row(1), *const output = at.row(2);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec cell = load(at.cell + unit);
      const Vec i = sigmoid(at.sum(0, unit, count) + peep(at, 0, unit, cell, count));
      const Vec f = kCoupled ? 1.0f - i
                             : sigmoid(at.sum(1, unit, count) + peep(at, 1, unit, cell, count));
      const Vec g = activated(at.activation, at.sum(kCandidate, unit, count));
      const Vec next = fused(f, cell, i * g);
      const Vec o = sigmoid(at.sum(kOutput, unit, count) +
                            peep(at, kOutputPeephole, unit, next, count));
      store(fresh + unit, next);
      store(shown + unit, next);
      store(output + unit, o);
      at.save(0, unit, i, count);
      at.save(1, unit, f, count);
      at.save(2, unit, g, count);
      at.save(3, unit, o, count);
    });
    if (at.parts.cell_gain != nullptr) normalise(shown, H, at.parts.cell_gain);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      at.show(unit, load(output + unit) * show(at, load(shown + unit), unit, count), count);
      at.carry(unit, load(fresh + unit), count);
    });
  }

  static void backward(const RowStepBack& at) {
    const std::int64_t H = at.hidden_size;
    float *const fresh = at.row(0), *const shown = at.row(1), *const d_shown = at.row(2);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec kept = at.gate(1, unit, count) * load(at.cell + unit, count);
      const Vec next = fused(at.gate(0, unit, count), at.gate(2, unit, count), kept);
      store(fresh + unit, next);
      store(shown + unit, next);
    });
    if (at.parts.cell_gain != nullptr) normalise(shown, H, at.parts.cell_gain);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec value = show(at, load(shown + unit), unit, count);
      const Vec d = at.shown_share(unit, count), o = at.gate(3, unit, count);
      if (at.shown != nullptr) store(at.shown + unit, o * value, count);
      const Vec d_value = d * o * slope(at.activation, value);
      store(at.d_inputs + kOutput * H + unit, d * value * o * (1.0f - o), count);
      store(d_shown + unit, d_value);
      add_to(at.d_parts.cell_bias + unit, d_value, count);
    });
    if (at.parts.cell_gain != nullptr) {
      normalise_backward(fresh, H, at.parts.cell_gain, d_shown, at.d_parts.cell_gain);
    }
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      through_cell(at, load(fresh + unit), load(d_shown + unit), unit, count);
    });
    copy(at.d_sums, at.d_inputs, kGates * H);
    at.add_bias(kGates * H);
    if (at.parts.gain != nullptr) {
      normalise_sums_backward(at.kept_sums, H, at.parts.gain, at.d_sums, at.d_parts.gain);
    }
  }

 private:
  static constexpr int kCandidate = kCoupled ? 1 : 2, kOutput = kGates - 1;
  static constexpr int kOutputPeephole = kGates - 2;

  template <class Step>
  static Vec peep(const Step& at, int gate, std::int64_t unit, Vec cell, std::int64_t count) {
    if (at.parts.peephole == nullptr) return Vec{};
    return load(at.parts.peephole + gate * at.hidden_size + unit, count) * cell;
  }

  template <class Step>
  static Vec show(const Step& at, Vec cell, std::int64_t unit, std::int64_t count) {
    return activated(at.activation, plus(cell, at.parts.cell_bias, unit, count));
  }

  // From the gradient of the cell as it is shown to those of the sums and of the cell before.
  static void through_cell(const RowStepBack& at, Vec next, Vec d_shown, std::int64_t unit,
                           std::int64_t count) {
    const std::int64_t H = at.hidden_size;
    const Vec i = at.gate(0, unit, count), f = at.gate(1, unit, count);
    const Vec g = at.gate(2, unit, count), cell = load(at.cell + unit, count);
    const Vec d_o = load(at.d_inputs + kOutput * H + unit, count);
    Vec d = d_shown + at.fresh_share(at.d_cell, at.keep_cell, unit, count);
    d += peep(at, kOutputPeephole, unit, d_o, count);
    const Vec d_i = d * (kCoupled ? g - cell : g) * i * (1.0f - i);
    Vec d_cell = load(at.d_cell + unit) + d * f + peep(at, 0, unit, d_i, count);
    store(at.d_inputs + unit, d_i, count);
    store(at.d_inputs + kCandidate * H + unit, d * i * slope(at.activation, g), count);
    add_to(at.d_parts.peephole + unit, d_i * cell, count);
    add_to(at.d_parts.peephole + kOutputPeephole * H + unit, d_o * next, count);
    if constexpr (!kCoupled) {
      const Vec d_f = d * cell * f * (1.0f - f);
      d_cell += peep(at, 1, unit, d_f, count);
      store(at.d_inputs + H + unit, d_f, count);
      add_to(at.d_parts.peephole + H + unit, d_f * cell, count);
    }
    store(at.d_cell + unit, d_cell);
  }
};

}  // namespace vartai::VARTAI_ISA
