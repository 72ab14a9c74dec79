// What one instruction set offers for single steps. Compiled once for each.

#include "step_kernels.h"

#include "cells/standard.h"
#include "step.h"
#include "step_back.h"

namespace vartai::VARTAI_ISA {
namespace {

void step(CellKind kind, const Step& job, std::int64_t begin, std::int64_t end) {
  with_cell(kind, [&]<class Cell>() {
    static_assert(kStepUnits % StepRun<Cell>::kUnits == 0);
    StepRun<Cell>(job).run(begin, end);
  });
}

void step_back(CellKind kind, const StepBack& job) {
  with_cell(kind, [&]<class Cell>() { step_back_of<Cell>(job); });
}

template <class Cell>
constexpr std::int64_t panels(std::int64_t H) {
  return (H + StepRun<Cell>::kUnits - 1) / StepRun<Cell>::kUnits;
}

std::int64_t bfloat16_words(CellKind kind, std::int64_t H, std::int64_t depth) {
  return with_cell(kind, [&]<class Cell>() {
    return panels<Cell>(H) * panel_words<Bfloat16Weights>(Cell::kBlocks * Cell::kGates, depth);
  });
}

void pack(CellKind kind, std::int64_t H, std::int64_t depth, const float* from,
          std::uint32_t* words) {
  with_cell(kind, [&]<class Cell>() {
    pack_bfloat16(panels<Cell>(H), Cell::kBlocks * Cell::kGates, depth, from, words);
  });
}

}  // namespace

extern const StepKernels kStepKernels;
const StepKernels kStepKernels = {step, step_back, bfloat16_words, pack};

}  // namespace vartai::VARTAI_ISA
