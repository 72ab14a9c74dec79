// minLSTM of Feng et al. 2024. Sums f, i, v of the forget gate, the input gate and the candidate c:
//
//   keep = σ(f) / (σ(f) + σ(i)),   take = σ(i) / (σ(f) + σ(i))
//   h'   = keep h + take c
//
// With A = 1 + e^−i and B = 1 + e^−f, keep = A / (A + B) and take = B / (A + B): one division, and
// no logarithm. Where an exponential would leave the range, both are taken e^shift times smaller;
// what that does to the 1 in them is below 1e-34 of the sum.

#pragma once

#include "../simd.h"

namespace vartai::VARTAI_ISA {

struct MinLstmGates {
  Vec keep, take;
  Vec exp_f, exp_i;  // e^−f and e^−i, or both e^shift times smaller
  Vec reciprocal;    // 1 / (A + B)

  MinLstmGates(Vec f, Vec i) {
    const Vec least = f < i ? f : i;
    const Vec shift = at_least(-least - 80.0f, 0.0f);
    exp_f = whole_exponential(-f - shift);
    exp_i = whole_exponential(-i - shift);
    const Vec a = 1.0f + exp_i, b = 1.0f + exp_f;
    reciprocal = 1.0f / (a + b);
    keep = a * reciprocal;
    take = b * reciprocal;
  }

 private:
  static Vec whole_exponential(Vec x) {
    const Exponential e = exponential(at_least(at_most(x, 87.0f), -87.0f));
    return fused(e.excess, e.scale, e.scale);
  }
};

template <class Candidate>
struct MinLstm {
  static constexpr int kInputs = 3;
  static constexpr bool kRecurrent = false;

  static Vec forward(const Vec* in, Vec h, Vec) {
    const MinLstmGates gates(in[0], in[1]);
    return fused(gates.keep, h, gates.take * Candidate::value(in[2]));
  }

  // The slope of ln A − ln B, of which keep is the sigmoid, is 1 − σ(f) = e^−f / B in f and
  // −e^−i / A in i; with keep · take before it one division is enough.
  static Vec backward(const Vec* in, Vec h, Vec, Vec, Vec d, Vec* d_in) {
    const MinLstmGates gates(in[0], in[1]);
    const Vec c = Candidate::value(in[2]), d_keep = d * (h - c);
    d_in[0] = d_keep * gates.keep * (gates.exp_f * gates.reciprocal);
    d_in[1] = -d_keep * gates.take * (gates.exp_i * gates.reciprocal);
    d_in[2] = d * gates.take * Candidate::slope(in[2], c);
    return d * gates.keep;
  }
};

}  // namespace vartai::VARTAI_ISA
