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
    case Activation::softsign: {
      const Vec left = 1.0f - magnitude(value);
      return left * left;
    }
  }
  return 1.0f - value * value;
}

}  // namespace vartai::VARTAI_ISA
