// The loop over time, forward, for any cell.

#pragma once

#include "panel.h"
#include "recurrence.h"
#include "cells/place.h"

namespace vartai::VARTAI_ISA {

// How many sequences, longest first, have a step `step`; `hint` is at least that many.
inline std::int64_t running(const Group& group, std::int64_t hint, std::int64_t step) {
  while (hint > 0 && group.length[hint - 1] <= step) --hint;
  return hint;
}

// One group through all its steps, forward. Working memory is `size(…)` floats.
template <class Cell>
class ForwardLoop {
 public:
  static std::int64_t size(std::int64_t hidden_size, std::int64_t sequences) {
    return 3 * sequences * padded(hidden_size);
  }

  ForwardLoop(const Forward& job, const Group& group, float* scratch)
      : job_(job), group_(group), width_(padded(job.hidden_size)) {
    hidden_ = scratch;
    next_ = hidden_ + group.count * width_;
    cell_ = next_ + group.count * width_;
    clear(scratch, size(job.hidden_size, group.count));
  }

  void run() {
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(hidden_ + s * width_, state(job_.hidden, s), job_.hidden_size);
      if (Cell::kHasCell) copy(cell_ + s * width_, state(job_.cell, s), job_.hidden_size);
    }
    std::int64_t before = group_.count;
    for (std::int64_t step = 0; before > 0; ++step) {
      const std::int64_t active = running(group_, before, step);
      for (std::int64_t s = active; s < before; ++s) finish(s);
      before = active;
      if (step % kProjected == 0) project(active, step);
      advance(active, step);
      float* const swapped = hidden_;
      hidden_ = next_;
      next_ = swapped;
    }
  }

 private:
  static constexpr int kVectors = Cell::kBlocks * Cell::kGates;
  static constexpr std::int64_t kUnits = Cell::kBlocks * kLanes;
  // Steps whose inputs are multiplied at once: whole tiles, while what they give stays in cache.
  static constexpr std::int64_t kProjected = kAccumulators;
  // Sequences that pass all panels before the next ones do: their gates stay in cache meanwhile.
  static constexpr std::int64_t kTogether = 4;

  template <class Pointer>
  Pointer state(Pointer states, std::int64_t s) const {
    return states + group_.sequence[s] * job_.hidden_size;
  }

  void finish(std::int64_t s) {
    copy(state(job_.final_hidden, s), hidden_ + s * width_, job_.hidden_size);
    if (Cell::kHasCell) copy(state(job_.final_cell, s), cell_ + s * width_, job_.hidden_size);
  }

  // W_ih x + b of the next steps.
  void project(std::int64_t active, std::int64_t step) {
    for (std::int64_t first = 0; first < active; first += kTogether) {
      const std::int64_t end = first + kTogether < active ? first + kTogether : active;
      const float* panel = job_.input_weights;
      for (std::int64_t unit = 0; unit < job_.hidden_size; unit += kUnits) {
        for (std::int64_t s = first; s < end; ++s) project_sequence(s, step, unit, panel);
        panel += job_.input_size * kVectors * kLanes;
      }
    }
  }

  // A tile is some steps of one sequence, whose rows are neighbours.
  void project_sequence(std::int64_t s, std::int64_t step, std::int64_t unit, const float* panel) {
    const std::int64_t left = group_.length[s] - step;
    const std::int64_t steps = left < kProjected ? left : kProjected;
    in_tiles<most_rows(kVectors)>(steps, [&]<int Count>(std::int64_t first) {
      project_tile<Count>(s, step + first, unit, panel);
    });
  }

  template <int Count>
  void project_tile(std::int64_t s, std::int64_t step, std::int64_t unit, const float* panel) {
    const std::int64_t D = job_.input_size, H = job_.hidden_size;
    Vec sums[Count][kVectors] = {};
    if (job_.bias != nullptr) {
      for (int v = 0; v < kVectors; ++v) {
        const Column column = column_of(v, unit);
        const Vec bias = load(job_.bias + column.offset, column.count);
        for (int r = 0; r < Count; ++r) sums[r][v] = bias;
      }
    }
    const std::int64_t row = group_.row(s, step);
    accumulate(sums, job_.data + row * D, group_.direction * D, panel, D);
    for (int r = 0; r < Count; ++r) {
      float* const gates = job_.gates + (row + r * group_.direction) * Cell::kGates * H;
      for (int v = 0; v < kVectors; ++v) {
        const Column column = column_of(v, unit);
        store(gates + column.offset, sums[r][v], column.count);
      }
    }
  }

  // Where a vector of a tile belongs in a row [G·H], and how many of its units there are.
  struct Column {
    std::int64_t offset, count;
  };

  Column column_of(int vector, std::int64_t first_unit) const {
    const std::int64_t unit = first_unit + vector / Cell::kGates * kLanes;
    return {vector % Cell::kGates * job_.hidden_size + unit, existing(unit)};
  }

  // How many of the units of a vector that begins with this one there are.
  std::int64_t existing(std::int64_t unit) const {
    const std::int64_t left = job_.hidden_size - unit;
    return left < 0 ? 0 : left < kLanes ? left : kLanes;
  }

  void advance(std::int64_t active, std::int64_t step) {
    const std::int64_t H = job_.hidden_size;
    const float* panel = job_.weights;
    for (std::int64_t unit = 0; unit < H; unit += kUnits, panel += H * kVectors * kLanes) {
      in_tiles<most_rows(kVectors)>(active, [&]<int Count>(std::int64_t first) {
        advance_tile<Count>(first, step, unit, panel);
      });
    }
  }

  // The product and the gates of a few sequences and of the units of one panel.
  template <int Count>
  void advance_tile(std::int64_t first, std::int64_t step, std::int64_t unit, const float* panel) {
    Vec sums[Count][kVectors];
    for (int r = 0; r < Count; ++r) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        const ForwardPlace at = place(first + r, step, unit + block * kLanes);
        Cell::begin(at, sums[r] + block * Cell::kGates);
      }
    }
    accumulate(sums, hidden_ + first * width_, width_, panel, job_.hidden_size);
    for (int r = 0; r < Count; ++r) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        const ForwardPlace at = place(first + r, step, unit + block * kLanes);
        if (at.count <= 0) continue;
        const Vec hidden = Cell::forward(at, sums[r] + block * Cell::kGates);
        const std::int64_t here = unit + block * kLanes;
        store(next_ + (first + r) * width_ + here, hidden);
        const std::int64_t row = group_.row(first + r, step);
        store(job_.outputs + row * job_.hidden_size + here, hidden, at.count);
      }
    }
  }

  ForwardPlace place(std::int64_t s, std::int64_t step, std::int64_t unit) const {
    const std::int64_t H = job_.hidden_size;
    const std::int64_t row = group_.row(s, step);
    return {
        .gates = job_.gates + row * Cell::kGates * H + unit,
        .kept = Cell::kKeeps && job_.tape ? job_.kept + row * H + unit : nullptr,
        .candidate_bias = job_.candidate_bias == nullptr ? nullptr : job_.candidate_bias + unit,
        .hidden = hidden_ + s * width_ + unit,
        .cell = cell_ + s * width_ + unit,
        .hidden_size = H,
        .count = existing(unit),
        .tape = job_.tape,
    };
  }

  const Forward& job_;
  const Group& group_;
  const std::int64_t width_;
  float *hidden_, *next_, *cell_;  // [count, width] each
};

}  // namespace vartai::VARTAI_ISA
