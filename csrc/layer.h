// A whole layer direction: the instruction set chosen, weights packed, groups shared out to
// threads. The only place that allocates.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recurrence.h"

namespace vartai {

// Floats on a cache line's boundary.
struct FreeFloats {
  void operator()(float* floats) const;
};
using Floats = std::unique_ptr<float[], FreeFloats>;
Floats allocate(std::int64_t count);

// Names of what this processor can run, the best one last: "portable", "avx2", "avx512".
std::vector<std::string> instruction_sets();

// Throws std::invalid_argument, listing what there is, for any other name.
void use_instruction_set(const std::string& name);
std::string instruction_set();
const Kernels& kernels_in_use();

// Gradients of weights, written whole.
struct WeightGradients {
  float* d_input_weights;  // [G·H, D]
  float* d_weights;        // [G·H, H]
  float* d_input_bias;     // [G·H]
  float* d_bias;           // [G·H] a GRU's; else null, and as that of b_ih
};

// As `Forward` and `Backward` say, but with weights as they are: W_ih [G·H, D], W_hh [G·H, H].
void run_forward(CellKind kind, Forward job, const Rows& rows, int threads);
void run_backward(CellKind kind, Backward job, const Rows& rows, int threads,
                  const WeightGradients& gradients);

// `count` multiplications and additions in registers on all threads, to measure others by.
void run_multiply_add(std::int64_t count, int threads);

}  // namespace vartai
