#include "layer.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <stdexcept>

#include "groups.h"

namespace vartai {
namespace {

std::vector<const Kernels*> runnable() {
  std::vector<const Kernels*> found = {&portable::kernels()};
#if defined(VARTAI_X86)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    found.push_back(&avx2::kernels());
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    found.push_back(&avx512::kernels());
  }
#endif
  return found;
}

std::atomic<const Kernels*> chosen = runnable().back();

// Floats that one thread moves while another wakes up.
constexpr std::int64_t kWorthMoving = 1 << 18;

// Multiplications of a step that pay for a thread's part in it.
constexpr std::int64_t kWorthSharing = 1 << 15;

// The sums of all groups, added in the order of the groups, taken apart.
void write_gradients(CellKind kind, const Backward& job, const float* sums, std::int64_t groups,
                     const WeightGradients& to, int threads) {
  const std::int64_t D = job.input_size, H = job.hidden_size;
  const std::int64_t rows = gates_of(kind) * H, width = sums_width(D, H);
  const std::int64_t size = sums_size(kind, D, H);
  const auto add = [&](float* out, std::int64_t from, std::int64_t count) {
    std::fill(out, out + count, 0.0f);
    for (std::int64_t g = 0; g < groups; ++g) {
      const float* const part = sums + g * size + from;
      for (std::int64_t i = 0; i < count; ++i) out[i] += part[i];
    }
  };
  const std::int64_t pieces = groups * size < kWorthMoving ? 1 : 4 * threads;
  share_out(pieces, threads, [&](std::int64_t piece) {
    for (std::int64_t row = piece * rows / pieces; row < (piece + 1) * rows / pieces; ++row) {
      add(to.d_input_weights + row * D, row * width, D);
      add(to.d_weights + row * H, row * width + padded(D), H);
    }
  });
  const std::int64_t biases = rows * width;
  add(to.d_input_bias, biases, rows);
  if (kind != CellKind::gru) return;
  add(to.d_bias, biases, rows);
  add(to.d_input_bias + rows - H, biases + rows, H);
}

// Calls pack(true), for W_ih, and pack(false), for W_hh: both at once where weights are many.
template <class Pack>
void pack_both(std::int64_t weights, int threads, Pack pack) {
  share_out(2, weights < kWorthMoving ? 1 : threads, [&](std::int64_t i) { pack(i == 0); });
}

}  // namespace

Floats allocate(std::int64_t count) {
  const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(count);
  return Floats(static_cast<float*>(::operator new(bytes, std::align_val_t{64})));
}

void FreeFloats::operator()(float* floats) const {
  ::operator delete(floats, std::align_val_t{64});
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const Kernels* kernels : runnable()) names.emplace_back(kernels->name);
  return names;
}

const Kernels& kernels_in_use() { return *chosen.load(); }

std::string instruction_set() { return kernels_in_use().name; }

void use_instruction_set(const std::string& name) {
  std::string known;
  for (const Kernels* kernels : runnable()) {
    if (name == kernels->name) {
      chosen = kernels;
      return;
    }
    known += std::string(known.empty() ? "" : ", ") + kernels->name;
  }
  throw std::invalid_argument("no instruction set '" + name + "' here; there are: " + known);
}

void run_forward(CellKind kind, Forward job, const Rows& rows, int threads) {
  const Kernels& kernels = *chosen.load();
  const std::int64_t D = job.input_size, H = job.hidden_size;
  const Floats inputs = allocate(kernels.gate_panels(kind, H, D));
  const Floats recurrent = allocate(kernels.gate_panels(kind, H, H));
  pack_both((D + H) * gates_of(kind) * H, threads, [&](bool of_inputs) {
    if (of_inputs) {
      kernels.pack_gates(kind, H, D, job.input_weights, inputs.get());
    } else {
      kernels.pack_gates(kind, H, H, job.weights, recurrent.get());
    }
  });
  job.input_weights = inputs.get();
  job.weights = recurrent.get();
  in_crews(rows, threads, gates_of(kind) * H * H / kWorthSharing,
           kernels.scratch_size(kind, D, H, most_sequences(rows)),
           [&](const Group& group, std::int64_t, float* scratch, Crew* crew) {
             Forward own = job;
             own.crew = crew;
             kernels.forward(kind, own, group, scratch);
           });
}

void run_backward(CellKind kind, Backward job, const Rows& rows, int threads,
                  const WeightGradients& gradients) {
  const Kernels& kernels = *chosen.load();
  const std::int64_t D = job.input_size, H = job.hidden_size, depth = gates_of(kind) * H;
  const Floats inputs = allocate(depth * padded(D));
  const Floats recurrent = allocate(depth * padded(H));
  pack_both((D + H) * depth, threads, [&](bool of_inputs) {
    if (!of_inputs) {
      kernels.pack_columns(depth, H, job.weights, recurrent.get());
    } else if (job.d_data != nullptr) {
      kernels.pack_columns(depth, D, job.input_weights, inputs.get());
    }
  });
  job.input_weights = inputs.get();
  job.weights = recurrent.get();
  const std::int64_t groups = static_cast<std::int64_t>(rows.groups().size());
  const std::int64_t size = sums_size(kind, D, H);
  const Floats sums = allocate(groups * size);
  in_groups(rows, threads, kernels.scratch_size(kind, D, H, most_sequences(rows)),
            [&](const Group& group, std::int64_t number, float* scratch) {
              kernels.backward(kind, job, group, scratch, sums.get() + number * size);
            });
  write_gradients(kind, job, sums.get(), groups, gradients, threads);
}

void run_multiply_add(std::int64_t count, int threads) {
  const Kernels& kernels = *chosen.load();
  // Many pieces, so that a thread that comes late has less to do.
  const std::int64_t pieces = 16 * threads;
  std::atomic<float> seen = 0.0f;
  share_out(pieces, threads, [&](std::int64_t) { seen = kernels.multiply_add(count / pieces); });
}

}  // namespace vartai
