// A single step of a few rows: what a cell that is fed as its inputs come computes.
//
// Two ways to the same sums. With packed weights, products are added in the order in which the loop
// over time adds them, so a sequence fed step by step gives bit for bit what it gives at once. With
// weights as they are, which saves the packing, each sum is the one of a vector whose lanes take
// every n-th product: a row still does not depend on its neighbours, but its last bits are others.

#pragma once

#include "cells/place.h"
#include "step_kernels.h"
#include "step_panel.h"

namespace vartai::VARTAI_ISA {

// Units [begin, end) of all rows; `begin` is where a panel begins.
template <class Cell>
class StepRun {
 public:
  static constexpr std::int64_t kUnits = Cell::kBlocks * kLanes;

  explicit StepRun(const Step& job) : job_(job), D_(job.input_size), H_(job.hidden_size) {}

  void run(std::int64_t begin, std::int64_t end) const {
    switch (job_.packing) {
      case Packing::floats: return packed<FloatWeights>(begin, end);
      case Packing::bfloat16: return packed<Bfloat16Weights>(begin, end);
      case Packing::none: break;
    }
    for (std::int64_t unit = begin; unit < end; unit += kLanes) {
      for (std::int64_t row = 0; row < job_.rows; ++row) plain_tile(row, unit);
    }
  }

 private:
  static constexpr int kGates = Cell::kGates;
  static constexpr int kVectors = Cell::kBlocks * kGates;

  template <class Weights>
  void packed(std::int64_t begin, std::int64_t end) const {
    std::int64_t unit = begin;
    if (job_.rows == 1) {
      for (; unit + kUnits < end; unit += 2 * kUnits) packed_tile<Weights, 2>(0, unit, true);
    }
    for (; unit < end; unit += kUnits) {
      in_tiles<most_rows(kVectors)>(job_.rows, [&]<int Count>(std::int64_t first) {
        packed_tile<Weights, Count>(first, unit, false);
      });
    }
  }

  std::int64_t existing(std::int64_t unit) const {
    const std::int64_t left = H_ - unit;
    return left < 0 ? 0 : left < kLanes ? left : kLanes;
  }

  // What is added to W_ih x of a gate: both biases, but the input's alone where the reset gate
  // keeps them apart.
  Vec bias(int gate, std::int64_t unit) const {
    if (job_.input_bias == nullptr) return Vec{};
    const std::int64_t at = gate * H_ + unit, count = existing(unit);
    const Vec outer = load(job_.input_bias + at, count);
    if (Cell::kSplits && gate == kGates - 1) return outer;
    return outer + load(job_.bias + at, count);
  }

  const float* candidate_bias(std::int64_t unit) const {
    if (!Cell::kSplits || job_.bias == nullptr) return nullptr;
    return job_.bias + (kGates - 1) * H_ + unit;
  }

  // One vector of units of one row, as a cell finds them: copies, since whole vectors are read.
  struct Unit {
    float sums[kGates * kLanes];
    float hidden[kLanes];
    float cell[kLanes];
    float gates[kGates * kLanes];
    float kept[kLanes];
  };

  ForwardPlace place(Unit& at, std::int64_t row, std::int64_t unit) const {
    const std::int64_t here = row * H_ + unit, count = existing(unit);
    store(at.hidden, load(job_.hidden + here, count));
    if (Cell::kHasCell) store(at.cell, load(job_.cell + here, count));
    return {
        .sums = at.sums,
        .gates = at.gates,
        .kept = at.kept,
        .candidate_bias = candidate_bias(unit),
        .hidden = at.hidden,
        .cell = at.cell,
        .hidden_size = kLanes,
        .count = count,
        .tape = job_.gates != nullptr,
    };
  }

  // From the sums to the state after the step.
  void finish(const ForwardPlace& at, Vec* sums, std::int64_t row, std::int64_t unit) const {
    Cell::activate(sums);
    const Vec hidden = Cell::finish(at, sums);
    store(job_.next_hidden + row * H_ + unit, hidden, at.count);
    if (Cell::kHasCell) store(job_.next_cell + row * H_ + unit, load(at.cell), at.count);
    if (!Cell::kKeeps || job_.gates == nullptr) return;
    for (int g = 0; g < kGates; ++g) {
      float* const gate = job_.gates + (row * kGates + g) * H_ + unit;
      store(gate, load(at.gates + g * kLanes), at.count);
    }
    if (job_.kept != nullptr) store(job_.kept + row * H_ + unit, load(at.kept), at.count);
  }

  // A tile is some rows of one panel's units, or one row and the units of two panels.
  template <class Weights, int Count>
  void packed_tile(std::int64_t first, std::int64_t unit, bool panels) const {
    Vec sums[Count][kVectors];
    const auto row_of = [&](int line) { return panels ? first : first + line; };
    const auto unit_of = [&](int line, int block) {
      return unit + (panels ? line * kUnits : 0) + block * kLanes;
    };
    for (int line = 0; line < Count; ++line) {
      for (int v = 0; v < kVectors; ++v) {
        sums[line][v] = bias(v % kGates, unit_of(line, v / kGates));
      }
    }
    accumulate_step<Weights>(sums, job_.data + first * D_,
                             panel<Weights>(job_.input_weights, unit, D_), D_,
                             apart<Weights>(panels, D_));
    Unit units[Count][Cell::kBlocks];
    ForwardPlace places[Count][Cell::kBlocks];
    for (int line = 0; line < Count; ++line) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        Unit& at = units[line][block];
        Vec* const here = sums[line] + block * kGates;
        for (int g = 0; g < kGates; ++g) store(at.sums + g * kLanes, here[g]);
        places[line][block] = place(at, row_of(line), unit_of(line, block));
        Cell::begin(places[line][block], here);
      }
    }
    accumulate_step<Weights>(sums, job_.hidden + first * H_,
                             panel<Weights>(job_.weights, unit, H_), H_,
                             apart<Weights>(panels, H_));
    for (int line = 0; line < Count; ++line) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        const ForwardPlace& at = places[line][block];
        if (at.count <= 0) continue;
        finish(at, sums[line] + block * kGates, row_of(line), unit_of(line, block));
      }
    }
  }

  template <class Weights>
  static Lines apart(bool panels, std::int64_t depth) {
    return panels ? Lines{0, panel_words<Weights>(kVectors, depth)} : Lines{depth, 0};
  }

  // Where the panel of these units begins.
  template <class Weights>
  static const typename Weights::Word* panel(const void* packed, std::int64_t unit,
                                             std::int64_t depth) {
    return static_cast<const typename Weights::Word*>(packed) +
           unit / kUnits * panel_words<Weights>(kVectors, depth);
  }

  void plain_tile(std::int64_t row, std::int64_t unit) const {
    Unit memory{};
    const ForwardPlace at = place(memory, row, unit);
    const float *x = job_.data + row * D_, *h = job_.hidden + row * H_;
    Vec sums[kGates];
    for (int g = 0; g < kGates; ++g) {
      const float* const w_ih = plain(job_.input_weights) + (g * H_ + unit) * D_;
      const float* const w_hh = plain(job_.weights) + (g * H_ + unit) * H_;
      Dots dots;
      dots.add(w_ih, at.count, x, D_);
      if (Cell::kSplits && g == kGates - 1) {
        store(memory.sums + g * kLanes, dots.sums() + bias(g, unit));
        dots = Dots();
      }
      dots.add(w_hh, at.count, h, H_);
      const bool apart = Cell::kSplits && g == kGates - 1;
      const float* const inner = candidate_bias(unit);
      const Vec start = !apart ? bias(g, unit) : inner ? load(inner, at.count) : Vec{};
      sums[g] = dots.sums() + start;
    }
    finish(at, sums, row, unit);
  }

  static const float* plain(const void* weights) { return static_cast<const float*>(weights); }

  // Products of one row with kLanes rows of weights, a vector of partial sums each.
  class Dots {
   public:
    // Rows of weights past `count` do not exist: the last one stands in, and is not read later.
    void add(const float* weights, std::int64_t count, const float* row, std::int64_t depth) {
      const float* from[kLanes];
      for (int u = 0; u < kLanes; ++u) from[u] = weights + (u < count ? u : count - 1) * depth;
      Vec local[kLanes];
#pragma GCC unroll 16
      for (int u = 0; u < kLanes; ++u) local[u] = partial_[u];
      std::int64_t k = 0;
      for (; k + kLanes <= depth; k += kLanes) {
        const Vec factor = load(row + k);
#pragma GCC unroll 16
        for (int u = 0; u < kLanes; ++u) local[u] = fused(load(from[u] + k), factor, local[u]);
      }
      if (k < depth) {
        const Vec factor = load(row + k, depth - k);
#pragma GCC unroll 16
        for (int u = 0; u < kLanes; ++u) {
          local[u] = fused(load(from[u] + k, depth - k), factor, local[u]);
        }
      }
#pragma GCC unroll 16
      for (int u = 0; u < kLanes; ++u) partial_[u] = local[u];
    }

    // Lane u: the sum of the lanes of partial sum u, in a fixed order.
    Vec sums() const {
      Vec columns[kLanes];
#pragma GCC unroll 16
      for (int u = 0; u < kLanes; ++u) columns[u] = partial_[u];
      transpose(columns);
#pragma GCC unroll 4
      for (int half = kLanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
        for (int u = 0; u < half; ++u) columns[u] += columns[u + half];
      }
      return columns[0];
    }

   private:
    Vec partial_[kLanes] = {};
  };

  const Step& job_;
  const std::int64_t D_, H_;
};

}  // namespace vartai::VARTAI_ISA
