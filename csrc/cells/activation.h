// The activations a form may choose, by a number that is the same for all of a run. Every slope
// follows from the activation's value, so nothing else is kept.

#pragma once

#include "../row_recurrence.h"
#include "../simd.h"

namespace vartai::VARTAI_ISA {

inline Vec magnitude(Vec x) { return x < 0.0f ? -x : x; }

inline Vec elu(Vec x) {
  const Exponential e = exponential(at_least(at_most(x, 0.0f), -87.0f));
  return x > 0.0f ? x : fused(e.excess, e.scale, e.scale - 1.0f);
}

// ln(1 + x) for x from 0 to 1: twice artanh of x / (2 + x), which is a third at most.
inline Vec log_of_one_plus(Vec x) {
  const Vec s = x / (x + 2.0f), w = s * s;
  Vec tail = fused(w, splat(1.0f / 15.0f), splat(1.0f / 13.0f));
  tail = fused(tail, w, splat(1.0f / 11.0f));
  tail = fused(tail, w, splat(1.0f / 9.0f));
  tail = fused(tail, w, splat(1.0f / 7.0f));
  tail = fused(tail, w, splat(1.0f / 5.0f));
  tail = fused(tail, w, splat(1.0f / 3.0f));
  return 2.0f * fused(tail * w, s, s);
}

// e^x for x up to 0; below -87 the value there, which no sum of floats near one can tell from none.
inline Vec exponential_down(Vec x) {
  const Exponential e = exponential(at_least(at_most(x, 0.0f), -87.0f));
  return fused(e.excess, e.scale, e.scale);
}

// From the larger of x and 0 on, so that nothing leaves the range.
inline Vec softplus(Vec x) { return relu(x) + log_of_one_plus(exponential_down(-magnitude(x))); }

inline Vec activated(Activation activation, Vec x) {
  switch (activation) {
    case Activation::tanh: break;
    case Activation::relu: return relu(x);
    case Activation::elu: return elu(x);
    case Activation::hardtanh: return at_least(at_most(x, 1.0f), -1.0f);
    case Activation::identity: return x;
    case Activation::leaky_relu: return x > 0.0f ? x : 0.01f * x;
    case Activation::sigmoid: return sigmoid(x);
    case Activation::softsign: return x / (1.0f + magnitude(x));
    case Activation::softplus: return softplus(x);
  }
  return tanh(x);
}

inline Vec slope(Activation activation, Vec value) {
  const Vec one = splat(1.0f);
  switch (activation) {
    case Activation::tanh: break;
    case Activation::relu: return value <= 0.0f ? Vec{} : one;
    case Activation::elu: return value > 0.0f ? one : value + 1.0f;
    case Activation::hardtanh: return magnitude(value) >= 1.0f ? Vec{} : one;
    case Activation::identity: return one;
    case Activation::leaky_relu: return value > 0.0f ? one : splat(0.01f);
    case Activation::sigmoid: return value * (1.0f - value);
    case Activation::softplus: return one - exponential_down(-value);
    case Activation::softsign: {
      const Vec left = 1.0f - magnitude(value);
      return left * left;
    }
  }
  return 1.0f - value * value;
}

}  // namespace vartai::VARTAI_ISA
