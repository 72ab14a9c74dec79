// A single step: the instruction set chosen, units shared out to threads, weights prepared.

#pragma once

#include <vector>

#include "layer.h"

namespace vartai {

// One step with weights as they are, W_ih [G·H, D] and W_hh [G·H, H]; `packing` is not read.
void run_step(CellKind kind, Step job, int threads);
void run_step_back(CellKind kind, const StepBack& job);

// A cell that will take many steps: its weights packed once, and kept beside the originals.
class PreparedCell {
 public:
  // Copies what it is given; biases are [G·H] each, or both null. `packing` is floats or bfloat16.
  PreparedCell(CellKind kind, std::int64_t input_size, std::int64_t hidden_size, Packing packing,
               const float* input_weights, const float* weights, const float* input_bias,
               const float* bias);

  CellKind kind() const { return kind_; }
  std::int64_t input_size() const { return form_.input_size; }
  std::int64_t hidden_size() const { return form_.hidden_size; }

  // One step of `rows` sequences, as `Step` names its arrays.
  void step(std::int64_t rows, const float* data, const float* hidden, const float* cell,
            float* next_hidden, float* next_cell, int threads) const;

 private:
  const void* packed(std::int64_t depth, const float* weights, Floats& floats,
                     std::vector<std::uint32_t>& words) const;

  const CellKind kind_;
  const Kernels& kernels_;
  Step form_;
  Floats input_weights_, weights_, input_bias_, bias_;
  std::vector<std::uint32_t> input_words_, words_;  // in place of the floats, where bfloat16
};

}  // namespace vartai
