// One vector of hidden units of one row at one step: where a cell finds and leaves its numbers.

#pragma once

#include "../simd.h"

namespace vartai::VARTAI_ISA {

struct ForwardPlace {
  const float* sums;            // W_ih x + b of gate g of these units is at sums + g·kLanes
  float* gates;                 // the activated gates, at gates + g·H; null unless there is a tape
  float* kept;                  // null unless there is a tape
  const float* candidate_bias;  // null unless the cell has one
  const float* hidden;          // before the step; a whole vector may be read
  float* cell;                  // before the step, overwritten; a whole vector
  std::int64_t hidden_size;
  std::int64_t count;           // units that exist; the other lanes are zeros, and stay unsaved
  bool tape;

  Vec sum(int g) const { return load(sums + g * kLanes); }
  void save(int g, Vec value) const {
    if (tape) store(gates + g * hidden_size, value, count);
  }
  void keep(Vec value) const {
    if (tape) store(kept, value, count);
  }
};

struct BackwardPlace {
  const float* gates;
  const float* kept;      // after the step
  const float* previous;  // hidden before the step
  const float* outputs;   // hidden after the step
  const float* cell;      // before the step
  float* d_cell;          // in: of the cell after the step; out: of the one before. A whole vector
  float* d_sums;          // of the sums that the gates are made of
  std::int64_t hidden_size;
  std::int64_t count;

  Vec gate(int g) const { return load(gates + g * hidden_size, count); }
  void d_sum(int g, Vec value) const { store(d_sums + g * hidden_size, value, count); }
};

}  // namespace vartai::VARTAI_ISA
