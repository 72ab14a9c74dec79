// A whole layer direction of a cell that takes whole rows: weights packed, groups shared out to
// threads. What each thread does is in row_recurrence.h.

#pragma once

#include "row_recurrence.h"

namespace vartai {

// Gradients of weights, written whole.
struct RowWeightGradients {
  float* d_weights;  // [F·H, P]
  float* d_after;    // [P, H], or null
  float* d_parts;    // as `parts_at` lays them out
};

// As `RowForward` and `RowBackward` say, but with weights as they are: W_hh [F·H, P], after
// [P, H] or null.
void run_row_forward(RowForward job, const Rows& rows, int threads);
void run_row_backward(RowBackward job, const Rows& rows, int threads,
                      const RowWeightGradients& gradients);

// out [rows, columns] = left [rows, depth] · weights [columns, depth]^T, a row as if it were alone.
void run_product(const float* left, std::int64_t rows, std::int64_t depth, const float* weights,
                 std::int64_t columns, float* out, int threads);

}  // namespace vartai
