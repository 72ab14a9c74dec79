// The loop over time, forward, for cells that take whole rows: at each step one product for all
// sequences that still run, then the cell, row by row; and a second product where it has one.

#pragma once

#include "forward_loop.h"
#include "gradient_block.h"
#include "cells/row_step.h"

namespace vartai::VARTAI_ISA {

// One group through all its steps, forward. Working memory is `size(…)` floats.
template <class Cell>
class RowForwardLoop {
 public:
  static std::int64_t size(RowKind kind, std::int64_t H, std::int64_t P, std::int64_t sequences) {
    return sequences * (3 * padded(P) + (Cell::kCarried + 1) * padded(H) +
                        padded(kind.first() * H)) +
           padded(kind.gates() * H) + kScratchRows * padded(H);
  }

  RowForwardLoop(const RowForward& job, const Group& group, float* scratch)
      : job_(job),
        group_(group),
        width_(padded(job.hidden_size)),
        state_width_(padded(job.state_size)),
        stacked_(job.kind.gates() * job.hidden_size),
        wide_(padded(job.kind.first() * job.hidden_size)),
        hidden_(scratch),
        seen_(hidden_ + group.count * state_width_),
        after_(seen_ + group.count * state_width_),
        cell_(after_ + group.count * state_width_),
        shown_(cell_ + group.count * Cell::kCarried * width_),
        sums_(shown_ + group.count * width_),
        inputs_(sums_ + group.count * wide_),
        rows_(inputs_ + padded(stacked_)) {
    clear(scratch, size(job.kind, job.hidden_size, job.state_size, group.count));
  }

  void run() {
    const std::int64_t H = job_.hidden_size, P = job_.state_size;
    for (std::int64_t s = 0; s < group_.count; ++s) {
      const std::int64_t sequence = group_.sequence[s];
      copy(hidden_ + s * state_width_, job_.hidden + sequence * P, P);
      for (int part = 0; part < Cell::kCarried; ++part) {
        copy(cell(s, part), job_.cell + (sequence * Cell::kCarried + part) * H, H);
      }
    }
    std::int64_t active = group_.count;
    for (std::int64_t step = 0; (active = running(group_, active, step)) > 0; ++step) {
      advance(active, step);
    }
    // A sequence that has ended is not touched again.
    for (std::int64_t s = 0; s < group_.count; ++s) {
      const std::int64_t sequence = group_.sequence[s];
      copy(job_.final_hidden + sequence * P, hidden_ + s * state_width_, P);
      for (int part = 0; part < Cell::kCarried; ++part) {
        copy(job_.final_cell + (sequence * Cell::kCarried + part) * H, cell(s, part), H);
      }
    }
  }

 private:
  float* cell(std::int64_t s, int part) const {
    return cell_ + (s * Cell::kCarried + part) * width_;
  }

  void advance(std::int64_t active, std::int64_t step) const {
    const std::int64_t H = job_.hidden_size, P = job_.state_size;
    const float* const seen = seen_of(active);
    clear(sums_, active * wide_);
    add_product(seen, state_width_, active, {0, P, 0}, job_.weights, P, sums_, wide_);
    for (std::int64_t s = 0; s < active; ++s) {
      RowStep at = place(s, group_.row(s, step), seen);
      at.inputs = normalised(at.inputs);
      Cell::forward(at);
    }
    if (job_.after != nullptr) {
      clear(after_, active * state_width_);
      add_product(shown_, width_, active, {0, H, 0}, job_.after, H, after_, state_width_);
      for (std::int64_t s = 0; s < active; ++s) finish(place(s, group_.row(s, step), seen));
    }
    for (std::int64_t s = 0; s < active; ++s) {
      const std::int64_t row = group_.row(s, step);
      copy(job_.outputs + row * P, hidden_ + s * state_width_, P);
      for (int part = 0; job_.cells != nullptr && part < Cell::kCarried; ++part) {
        copy(job_.cells + (row * Cell::kCarried + part) * H, cell(s, part), H);
      }
    }
  }

  // The hidden states as W_hh meets them.
  const float* seen_of(std::int64_t active) const {
    if (job_.noise.recurrent == nullptr) return hidden_;
    for (std::int64_t s = 0; s < active; ++s) {
      const float* const mask = job_.noise.recurrent + group_.sequence[s] * job_.state_size;
      in_vectors(job_.state_size, [&](std::int64_t unit, std::int64_t count) {
        const std::int64_t at = s * state_width_ + unit;
        store(seen_ + at, load(hidden_ + at) * load(mask + unit, count));
      });
    }
    return seen_;
  }

  RowStep place(std::int64_t s, std::int64_t row, const float* seen) const {
    const std::int64_t H = job_.hidden_size;
    const RowNoise& noise = job_.noise;
    return {
        .hidden_size = H,
        .lstm = job_.kind.lstm,
        .activation = job_.activation,
        .shown_activation = job_.shown_activation,
        .parts = job_.parts,
        .inputs = job_.inputs + row * stacked_,
        .sums = sums_ + s * wide_,
        .keep_hidden = row_of(noise.zoneout_hidden, row * noise.zoneout_hidden_stride),
        .keep_cell = row_of(noise.zoneout_cell, row * noise.zoneout_cell_stride),
        .seen = seen + s * state_width_,
        .hidden = hidden_ + s * state_width_,
        .cell = cell(s, 0),
        .shown = job_.after == nullptr ? nullptr : shown_ + s * width_,
        .after = after_ + s * state_width_,
        .depth = row_of(job_.depth, row * H),
        .below = row_of(job_.below, row * H),
        .gates = row_of(job_.gates, row * Cell::kTraced * H),
        .kept_sums = row_of(job_.sums, row * stacked_),
        .scratch = rows_,
    };
  }

  // From what the second product gave to the state: a projection is the state.
  void finish(RowStep at) const {
    if constexpr (Cell::kTwoPhases) {
      at.inputs = normalised(at.inputs);
      Cell::finish(at);
    } else {
      in_vectors(job_.state_size, [&](std::int64_t unit, std::int64_t count) {
        at.become(unit, load(at.after + unit), count);
      });
    }
  }

  const float* normalised(const float* inputs) const {
    if (job_.parts.input_gain == nullptr) return inputs;
    copy(inputs_, inputs, stacked_);
    Cell::normalise_sums(inputs_, job_.hidden_size, job_.kind.gates(), job_.parts.input_gain);
    return inputs_;
  }

  const RowForward& job_;
  const Group& group_;
  const std::int64_t width_, state_width_, stacked_, wide_;
  float *const hidden_, *const seen_, *const after_;  // [count, state width]
  float* const cell_;                                 // [count, carried, width]
  float* const shown_;                                // [count, width]
  float* const sums_;                                 // [count, wide]
  float* const inputs_;                               // [padded(G·H)]
  float* const rows_;                                 // [kScratchRows, width]
};

}  // namespace vartai::VARTAI_ISA
