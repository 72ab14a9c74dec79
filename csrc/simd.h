// One vector of floats, as wide as the instruction set that this file is compiled for, and the
// activations of the cells on it.
//
// Written with the vector types of GCC and Clang, so the same lines become SSE, NEON, AVX2 or
// AVX-512; a whole vector can be computed with, compared and selected like a number. Everything
// stands in a namespace of its own instruction set. Nothing here may use the standard library
// beyond these three headers: an inline function of it, compiled for a newer processor, could be
// the copy that the linker keeps for all.
//
// Products and sums are fused where `fused` says so and nowhere else (-ffp-contract=off). Left to
// the compiler, the same formula is fused differently in one tile than in another, and a row's
// last bit depends on how many rows stand beside it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_FEATURE_FMA)
#include <arm_neon.h>
#endif

namespace vartai::VARTAI_ISA {

constexpr int kLanes = VARTAI_LANES;
// Sums that a tile may hold in registers, and leave room for its operands.
constexpr int kAccumulators = VARTAI_ACCUMULATORS;

typedef float Vec __attribute__((vector_size(sizeof(float) * kLanes)));
typedef std::int32_t IntVec __attribute__((vector_size(sizeof(std::int32_t) * kLanes)));

inline void copy(float* to, const float* from, std::int64_t count) {
  std::memcpy(to, from, sizeof(float) * static_cast<std::size_t>(count));
}

inline void clear(float* to, std::int64_t count) {
  std::memset(to, 0, sizeof(float) * static_cast<std::size_t>(count));
}

inline Vec splat(float value) { return value - Vec{}; }

// a·b + c, rounded once where the instruction set can.
inline Vec fused(Vec a, Vec b, Vec c) {
#if VARTAI_LANES == 16 && defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_fmadd_ps(a, b, c));
#elif VARTAI_LANES == 8 && defined(__FMA__)
  return reinterpret_cast<Vec>(_mm256_fmadd_ps(a, b, c));
#elif VARTAI_LANES == 4 && defined(__ARM_FEATURE_FMA)
  return reinterpret_cast<Vec>(vfmaq_f32(c, a, b));
#else
  return a * b + c;
#endif
}

inline Vec load(const float* from) {
  Vec vector;
  std::memcpy(&vector, from, sizeof(Vec));
  return vector;
}

inline void store(float* to, Vec vector) { std::memcpy(to, &vector, sizeof(Vec)); }

// The same vector, in a register: a compiler that reads memory anew for each use, as GCC does where
// an instruction can, spends more on reading than on the products.
inline Vec held(Vec vector) {
#if defined(__x86_64__)
  __asm__("" : "+v"(vector));
#elif defined(__ARM_NEON)
  __asm__("" : "+w"(vector));
#endif
  return vector;
}

// The first `count` lanes of memory, zeros in the others.
inline Vec load(const float* from, std::int64_t count) {
  if (count >= kLanes) return load(from);
  Vec vector{};
  std::memcpy(&vector, from, sizeof(float) * static_cast<std::size_t>(count));
  return vector;
}

inline void store(float* to, Vec vector, std::int64_t count) {
  if (count >= kLanes) return store(to, vector);
  std::memcpy(to, &vector, sizeof(float) * static_cast<std::size_t>(count));
}

// A list of lane numbers, and the one that counts from zero to the last lane.
template <int... I>
struct Lanes {};
template <int Count, int... I>
struct CountedLanes : CountedLanes<Count - 1, Count - 1, I...> {};
template <int... I>
struct CountedLanes<0, I...> {
  using type = Lanes<I...>;
};
using EachLane = CountedLanes<kLanes>::type;

// a0 b0 a1 b1 … of the lower halves, or of the upper ones.
template <bool kUpper, int... I>
inline Vec interleave(Vec a, Vec b, Lanes<I...>) {
  return __builtin_shufflevector(
      a, b, (I / 2 + (kUpper ? kLanes / 2 : 0) + (I % 2 ? kLanes : 0))...);
}

// Rows become columns: lane j of vector i and lane i of vector j change places.
inline void transpose(Vec (&rows)[kLanes]) {
  for (int round = 1; round < kLanes; round *= 2) {
    Vec next[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes / 2; ++i) {
      next[2 * i] = interleave<false>(rows[i], rows[i + kLanes / 2], EachLane{});
      next[2 * i + 1] = interleave<true>(rows[i], rows[i + kLanes / 2], EachLane{});
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) rows[i] = next[i];
  }
}

// NaN stays NaN: a comparison with it is false, and then the vector's own lane is taken. GCC makes
// two instructions of that; the processor's own, which take their second operand then, are one.
inline Vec at_most(Vec x, float bound) {
#if VARTAI_LANES == 8 && defined(__AVX__)
  return reinterpret_cast<Vec>(_mm256_min_ps(splat(bound), x));
#else
  return splat(bound) < x ? splat(bound) : x;
#endif
}

inline Vec at_least(Vec x, float bound) {
#if VARTAI_LANES == 8 && defined(__AVX__)
  return reinterpret_cast<Vec>(_mm256_max_ps(splat(bound), x));
#else
  return splat(bound) > x ? splat(bound) : x;
#endif
}

inline Vec relu(Vec x) { return at_least(x, 0.0f); }

// e^x = scale · (1 + excess), scale a power of two and |excess| < 0.42, for |x| up to 87.
struct Exponential {
  Vec scale;
  Vec excess;
};

inline Exponential exponential(Vec x) {
  // Adding 1.5·2^23 leaves no bits for a fraction: the sum's last bits are the nearest integer.
  const Vec rounder = splat(12582912.0f);
  const Vec rounded = fused(x, splat(1.44269504f), rounder);
  const Vec power = rounded - rounder;
  const Vec r = fused(power, splat(2.12194440e-4f), fused(power, splat(-0.693359375f), x));
  // expm1 on ±ln(2)/2, minimax in relative error: 0.22 of a rounding error.
  Vec tail = fused(r, splat(0x1.6bec02p-10f), splat(0x1.122776p-7f));
  tail = fused(tail, r, splat(0x1.555674p-5f));
  tail = fused(tail, r, splat(0x1.5554b0p-3f));
  tail = fused(tail, r, splat(0x1.fffffep-2f));
  const IntVec bits = (reinterpret_cast<IntVec>(rounded) << 23) + 0x3f800000;
  return {reinterpret_cast<Vec>(bits), fused(tail, r * r, r)};
}

// Below -87, where the true value leaves the normal numbers, the value at -87.
inline Vec sigmoid(Vec x) {
  const Exponential e = exponential(at_least(at_most(-x, 87.0f), -87.0f));
  return 1.0f / fused(e.excess, e.scale, e.scale + 1.0f);
}

// Through e^2x - 1, which keeps its precision near zero where e^2x does not.
inline Vec tanh(Vec x) {
  const Exponential e = exponential(at_least(at_most(x + x, 20.0f), -20.0f));
  const Vec less_one = fused(e.excess, e.scale, e.scale - 1.0f);
  return less_one / (less_one + 2.0f);
}

}  // namespace vartai::VARTAI_ISA
