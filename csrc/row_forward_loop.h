// The loop over time, forward, for cells that take whole rows: at each step one product for all
// sequences that still run, then the cell, row by row.

#pragma once

#include "forward_loop.h"
#include "gradient_block.h"
#include "cells/row_step.h"

namespace vartai::VARTAI_ISA {

// One group through all its steps, forward. Working memory is `size(…)` floats.
template <class Cell>
class RowForwardLoop {
 public:
  static std::int64_t size(std::int64_t H, std::int64_t sequences) {
    return sequences * 3 * padded(H) + (sequences + 1) * padded(Cell::kGates * H) +
           kScratchRows * padded(H);
  }

  RowForwardLoop(const RowForward& job, const Group& group, float* scratch)
      : job_(job),
        group_(group),
        width_(padded(job.hidden_size)),
        wide_(padded(Cell::kGates * job.hidden_size)),
        hidden_(scratch),
        cell_(hidden_ + group.count * width_),
        seen_(cell_ + group.count * width_),
        sums_(seen_ + group.count * width_),
        inputs_(sums_ + group.count * wide_),
        rows_(inputs_ + wide_) {
    clear(scratch, size(job.hidden_size, group.count));
  }

  void run() {
    const std::int64_t H = job_.hidden_size;
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(hidden_ + s * width_, job_.hidden + group_.sequence[s] * H, H);
      if (Cell::kHasCell) copy(cell_ + s * width_, job_.cell + group_.sequence[s] * H, H);
    }
    std::int64_t active = group_.count;
    for (std::int64_t step = 0; (active = running(group_, active, step)) > 0; ++step) {
      clear(sums_, active * wide_);
      add_product(seen(active), width_, active, {0, H, 0}, job_.weights, H, sums_, wide_);
      for (std::int64_t s = 0; s < active; ++s) advance(s, group_.row(s, step));
    }
    // A sequence that has ended is not touched again.
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(job_.final_hidden + group_.sequence[s] * H, hidden_ + s * width_, H);
      if (Cell::kHasCell) copy(job_.final_cell + group_.sequence[s] * H, cell_ + s * width_, H);
    }
  }

 private:
  // The hidden states as W_hh meets them.
  const float* seen(std::int64_t active) const {
    if (job_.noise.recurrent == nullptr) return hidden_;
    for (std::int64_t s = 0; s < active; ++s) {
      const float* const mask = job_.noise.recurrent + group_.sequence[s] * job_.hidden_size;
      in_vectors(job_.hidden_size, [&](std::int64_t unit, std::int64_t count) {
        const std::int64_t at = s * width_ + unit;
        store(seen_ + at, load(hidden_ + at) * load(mask + unit, count));
      });
    }
    return seen_;
  }

  void advance(std::int64_t s, std::int64_t row) const {
    const std::int64_t H = job_.hidden_size;
    const RowNoise& noise = job_.noise;
    const RowStep at{
        .hidden_size = H,
        .activation = job_.activation,
        .parts = job_.parts,
        .inputs = normalised(job_.inputs + row * Cell::kGates * H),
        .sums = sums_ + s * wide_,
        .keep_hidden = row_of(noise.zoneout_hidden, row * noise.zoneout_hidden_stride),
        .keep_cell = row_of(noise.zoneout_cell, row * noise.zoneout_cell_stride),
        .hidden = hidden_ + s * width_,
        .cell = cell_ + s * width_,
        .gates = row_of(job_.gates, row * Cell::kTraced * H),
        .kept_sums = row_of(job_.sums, row * Cell::kGates * H),
        .scratch = rows_,
    };
    Cell::forward(at);
    copy(job_.outputs + row * H, at.hidden, H);
    if (Cell::kHasCell && job_.cells != nullptr) copy(job_.cells + row * H, at.cell, H);
  }

  const float* normalised(const float* inputs) const {
    if (job_.parts.input_gain == nullptr) return inputs;
    copy(inputs_, inputs, Cell::kGates * job_.hidden_size);
    Cell::normalise_sums(inputs_, job_.hidden_size, job_.parts.input_gain);
    return inputs_;
  }

  const RowForward& job_;
  const Group& group_;
  const std::int64_t width_, wide_;
  float *const hidden_, *const cell_, *const seen_;  // [count, width]
  float* const sums_;                                // [count, wide]
  float* const inputs_;                              // [wide]
  float* const rows_;                                // [kScratchRows, width]
};

}  // namespace vartai::VARTAI_ISA
