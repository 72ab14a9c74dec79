// Packed weights, and the register tile that multiplies rows by them.
//
// A panel holds `Vectors` vectors of output columns for every step k of the depth, in the order in
// which the tile reads them: panel[k][vector][lane]. The tile keeps rows × vectors sums in
// registers over the whole depth and adds the products in the order of k, whatever the number of
// rows: the result of a row does not depend on the rows beside it.

#pragma once

#include "simd.h"

namespace vartai::VARTAI_ISA {

// Vectors of columns in a panel, at most.
constexpr int kMostVectors = 4;

// Depth of a product at a time: this much of a panel stays in the nearest cache while all rows pass.
constexpr std::int64_t kDepth = 128;

constexpr int most_rows(int vectors) {
  return kAccumulators / vectors < 8 ? kAccumulators / vectors : 8;
}

// sums[row][vector] += Σ_k left(row, k) · right(k, vector), in the order of k.
//
//   left   where number (row, 0) is, for each row; number (row, k) is k · k_stride further
//   right  [depth, Vectors, kLanes], steps `right_stride` apart; a panel has no gaps
template <int Rows, int Vectors>
inline void accumulate(Vec (&sums)[Rows][Vectors], const float* const (&left)[Rows],
                       std::int64_t k_stride, const float* right, std::int64_t right_stride,
                       std::int64_t depth) {
  Vec local[Rows][Vectors];
#pragma GCC unroll 8
  for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 4
    for (int vector = 0; vector < Vectors; ++vector) local[row][vector] = sums[row][vector];
  std::int64_t at = 0;
  for (std::int64_t k = 0; k < depth; ++k, at += k_stride, right += right_stride) {
    // Of rows and vectors, the fewer stay in registers: with the sums, that is all there are.
    if constexpr (Rows < Vectors) {
      Vec factors[Rows];
#pragma GCC unroll 8
      for (int row = 0; row < Rows; ++row) factors[row] = splat(left[row][at]);
#pragma GCC unroll 4
      for (int vector = 0; vector < Vectors; ++vector) {
        const Vec weights = held(load(right + vector * kLanes));
#pragma GCC unroll 8
        for (int row = 0; row < Rows; ++row) {
          local[row][vector] = fused(factors[row], weights, local[row][vector]);
        }
      }
    } else {
      Vec weights[Vectors];
#pragma GCC unroll 4
      for (int vector = 0; vector < Vectors; ++vector) {
        weights[vector] = held(load(right + vector * kLanes));
      }
#pragma GCC unroll 8
      for (int row = 0; row < Rows; ++row) {
        const Vec factor = splat(left[row][at]);
#pragma GCC unroll 4
        for (int vector = 0; vector < Vectors; ++vector) {
          local[row][vector] = fused(factor, weights[vector], local[row][vector]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 4
    for (int vector = 0; vector < Vectors; ++vector) sums[row][vector] = local[row][vector];
}

// The same with rows `row_stride` apart.
template <int Rows, int Vectors>
inline void accumulate(Vec (&sums)[Rows][Vectors], const float* left, std::int64_t row_stride,
                       std::int64_t k_stride, const float* right, std::int64_t right_stride,
                       std::int64_t depth) {
  const float* rows[Rows];
  for (int row = 0; row < Rows; ++row) rows[row] = left + row * row_stride;
  accumulate(sums, rows, k_stride, right, right_stride, depth);
}

// Rows of numbers times a panel.
template <int Rows, int Vectors>
inline void accumulate(Vec (&sums)[Rows][Vectors], const float* const (&left)[Rows],
                       const float* panel, std::int64_t depth) {
  accumulate(sums, left, 1, panel, Vectors * kLanes, depth);
}

// Rows of numbers, `stride` apart, times a panel.
template <int Rows, int Vectors>
inline void accumulate(Vec (&sums)[Rows][Vectors], const float* left, std::int64_t stride,
                       const float* panel, std::int64_t depth) {
  accumulate(sums, left, stride, 1, panel, Vectors * kLanes, depth);
}

// Calls body.operator()<count>(first) with a count known only when it runs, up to `Most`; not for 0.
template <int Most, class Body>
inline void with_count(std::int64_t count, std::int64_t first, Body& body) {
  if (count == Most) return body.template operator()<Most>(first);
  if constexpr (Most > 1) with_count<Most - 1>(count, first, body);
}

// Cuts `count` rows into tiles of at most `Most`, as even as they can be.
template <int Most, class Body>
inline void in_tiles(std::int64_t count, Body body) {
  std::int64_t first = 0;
  for (std::int64_t tiles = (count + Most - 1) / Most; tiles > 0; --tiles) {
    const std::int64_t rows = (count - first + tiles - 1) / tiles;
    with_count<Most>(rows, first, body);
    first += rows;
  }
}

// The same for the columns of a matrix of `width`, a multiple of kLanes: calls
// body.operator()<vectors>(first column) over its panels, which have as many vectors as remain.
template <class Body>
inline void in_panels(std::int64_t width, Body body) {
  std::int64_t column = 0;
  for (; width - column >= kMostVectors * kLanes; column += kMostVectors * kLanes) {
    body.template operator()<kMostVectors>(column);
  }
  with_count<kMostVectors - 1>((width - column) / kLanes, column, body);
}

}  // namespace vartai::VARTAI_ISA
