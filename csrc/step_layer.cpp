#include "step_layer.h"

#include <algorithm>

#include "denormals.h"
#include "threads.h"

namespace vartai {
namespace {

// Products below which another thread takes longer to wake up than to help.
constexpr std::int64_t kWorthSharing = 1 << 20;

void share_step(const Kernels& kernels, CellKind kind, const Step& job, int threads) {
  const std::int64_t H = job.hidden_size;
  const std::int64_t products = job.rows * gates_of(kind) * H * (job.input_size + H);
  const std::int64_t blocks = (H + kStepUnits - 1) / kStepUnits;
  const std::int64_t parts =
      products < kWorthSharing ? 1 : std::min<std::int64_t>(threads, blocks);
  const std::int64_t each = (blocks + parts - 1) / parts * kStepUnits;
  share_out(parts, threads, [&](std::int64_t part) {
    const WithoutDenormals guard;
    kernels.of_steps->step(kind, job, part * each, std::min(H, (part + 1) * each));
  });
}

Floats copied(const float* from, std::int64_t count) {
  if (from == nullptr) return nullptr;
  Floats copy = allocate(count);
  std::copy(from, from + count, copy.get());
  return copy;
}

}  // namespace

void run_step(CellKind kind, Step job, int threads) {
  job.packing = Packing::none;
  share_step(kernels_in_use(), kind, job, threads);
}

void run_step_back(CellKind kind, const StepBack& job) {
  const WithoutDenormals guard;
  kernels_in_use().of_steps->step_back(kind, job);
}

PreparedCell::PreparedCell(CellKind kind, std::int64_t input_size, std::int64_t hidden_size,
                           Packing packing, const float* input_weights, const float* weights,
                           const float* input_bias, const float* bias)
    : kind_(kind),
      kernels_(kernels_in_use()),
      form_{},
      input_bias_(copied(input_bias, gates_of(kind) * hidden_size)),
      bias_(copied(bias, gates_of(kind) * hidden_size)) {
  form_.input_size = input_size;
  form_.hidden_size = hidden_size;
  form_.packing = packing;
  form_.input_weights = packed(input_size, input_weights, input_weights_, input_words_);
  form_.weights = packed(hidden_size, weights, weights_, words_);
  form_.input_bias = input_bias_.get();
  form_.bias = bias_.get();
}

const void* PreparedCell::packed(std::int64_t depth, const float* weights, Floats& floats,
                                 std::vector<std::uint32_t>& words) const {
  const std::int64_t H = form_.hidden_size;
  floats = allocate(kernels_.gate_panels(kind_, H, depth));
  kernels_.pack_gates(kind_, H, depth, weights, floats.get());
  if (form_.packing == Packing::floats) return floats.get();
  const StepKernels& steps = *kernels_.of_steps;
  words.resize(static_cast<std::size_t>(steps.bfloat16_words(kind_, H, depth)));
  steps.pack_bfloat16(kind_, H, depth, floats.get(), words.data());
  floats.reset();
  return words.data();
}

void PreparedCell::step(std::int64_t rows, const float* data, const float* hidden,
                        const float* cell, float* next_hidden, float* next_cell,
                        int threads) const {
  Step job = form_;
  job.rows = rows;
  job.data = data;
  job.hidden = hidden;
  job.cell = cell;
  job.next_hidden = next_hidden;
  job.next_cell = next_cell;
  share_step(kernels_, kind_, job, threads);
}

}  // namespace vartai
