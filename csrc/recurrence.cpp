// What one instruction set offers: the loops over time with each cell, and the packing of weights.
// Compiled once for each instruction set.

#include "recurrence.h"

#include "backward_loop.h"
#include "cells/standard.h"
#include "forward_loop.h"
#include "multiply_add.h"
#include "packing.h"

namespace vartai::VARTAI_ISA {

extern const RowKernels kRowKernels;    // row_recurrence.cpp
extern const StepKernels kStepKernels;  // step_kernels.cpp

namespace {

// Weights [G·H, depth] into [panel][k][block][gate][lane], zeros past the last unit.
template <class Cell>
void pack_gates_of(std::int64_t H, std::int64_t depth, const float* w, float* packed) {
  constexpr std::int64_t stride = Cell::kBlocks * Cell::kGates * kLanes;
  for (std::int64_t start = 0; start < H; start += Cell::kBlocks * kLanes) {
    for (int block = 0; block < Cell::kBlocks; ++block) {
      const std::int64_t unit = start + block * kLanes;
      for (int gate = 0; gate < Cell::kGates; ++gate) {
        pack_rows(H - unit, depth, unit < H ? w + (gate * H + unit) * depth : w,
                  packed + (block * Cell::kGates + gate) * kLanes, stride);
      }
    }
    packed += depth * stride;
  }
}

std::int64_t scratch_size(CellKind kind, std::int64_t D, std::int64_t H, std::int64_t sequences) {
  return with_cell(kind, [&]<class Cell>() {
    const std::int64_t forward = ForwardLoop<Cell>::size(D, H, sequences);
    const std::int64_t backward = BackwardLoop<Cell>::size(D, H, sequences);
    return forward > backward ? forward : backward;
  });
}

std::int64_t gate_panels(CellKind kind, std::int64_t H, std::int64_t depth) {
  return with_cell(kind, [&]<class Cell>() {
    const std::int64_t units = Cell::kBlocks * kLanes;
    return (H + units - 1) / units * units * Cell::kGates * depth;
  });
}

void pack_gates(CellKind kind, std::int64_t H, std::int64_t depth, const float* w,
                float* packed) {
  with_cell(kind, [&]<class Cell>() { pack_gates_of<Cell>(H, depth, w, packed); });
}

void forward(CellKind kind, const Forward& job, const Group& group, float* scratch) {
  with_cell(kind, [&]<class Cell>() { ForwardLoop<Cell>(job, group, scratch).run(); });
}

void backward(CellKind kind, const Backward& job, const Group& group, float* scratch,
              float* sums) {
  with_cell(kind, [&]<class Cell>() { BackwardLoop<Cell>(job, group, scratch, sums).run(); });
}

#define VARTAI_QUOTED(text) #text
#define VARTAI_NAME(text) VARTAI_QUOTED(text)
const Kernels kKernels = {VARTAI_NAME(VARTAI_ISA), scratch_size, gate_panels, pack_gates,
                              pack_columns,            forward,      backward,
                              &kStepKernels,           &kRowKernels, scan_forward,
                              scan_backward,           multiply_add};

}  // namespace

const Kernels& kernels() { return kKernels; }

}  // namespace vartai::VARTAI_ISA
