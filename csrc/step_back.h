// A single step back: from the gradient of the state after it to those of its sums. The products
// with weights that follow are those of whole matrices, and are left to whoever calls.

#pragma once

#include "cells/place.h"
#include "step_kernels.h"

namespace vartai::VARTAI_ISA {

template <class Cell>
void step_back_of(const StepBack& job) {
  const std::int64_t H = job.hidden_size;
  for (std::int64_t row = 0; row < job.rows; ++row) {
    for (std::int64_t unit = 0; unit < H; unit += kLanes) {
      const std::int64_t at = row * H + unit, count = H - unit < kLanes ? H - unit : kLanes;
      const auto given = [&](const float* gradients) {
        return gradients == nullptr ? Vec{} : load(gradients + at, count);
      };
      float d_cell[kLanes];
      store(d_cell, given(job.d_next_cell));
      const BackwardPlace place{
          .gates = Cell::kKeeps ? job.gates + row * Cell::kGates * H + unit : nullptr,
          .kept = Cell::kKeeps ? job.kept + at : nullptr,
          .previous = job.hidden + at,
          .outputs = job.next_hidden + at,
          .cell = Cell::kHasCell ? job.cell + at : nullptr,
          .d_cell = d_cell,
          .d_sums = job.d_sums + row * (Cell::kGates + Cell::kSplits) * H + unit,
          .hidden_size = H,
          .count = count,
      };
      store(job.d_hidden + at, Cell::backward(place, given(job.d_next_hidden)), count);
      if (Cell::kHasCell) store(job.d_cell + at, load(d_cell), count);
    }
  }
}

}  // namespace vartai::VARTAI_ISA
