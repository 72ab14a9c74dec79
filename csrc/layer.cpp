#include "layer.h"

#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

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

// Numbers below the normal ones count as zero while this lives: they would stand for nothing, and
// each costs a hundred times a normal one.
class WithoutDenormals {
 public:
#if defined(__SSE__)
  WithoutDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlush); }
  ~WithoutDenormals() { _mm_setcsr(before_); }

 private:
  static constexpr unsigned kFlush = 0x8040;  // results to zero, operands as zero
  unsigned before_;
#endif
};

struct Free {
  void operator()(float* floats) const { ::operator delete(floats, std::align_val_t{64}); }
};
using Floats = std::unique_ptr<float[], Free>;

Floats allocate(std::int64_t count) {
  const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(count);
  return Floats(static_cast<float*>(::operator new(bytes, std::align_val_t{64})));
}

template <class Job>
using Run = void (*)(CellKind, const Job&, const Group&, float*);

template <class Job>
void run_groups(CellKind kind, const Job& job, const Rows& rows, int threads, Run<Job> run,
                const Kernels& kernels) {
  const auto& groups = rows.groups();
  const int count = static_cast<int>(groups.size());
  // Memory is taken here, since an exception must not leave the region of threads.
  std::vector<Floats> scratch;
  for (const Group& group : groups) {
    scratch.push_back(allocate(kernels.scratch_size(kind, job.hidden_size, group.count)));
  }
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1 && count > 1)
  for (int g = 0; g < count; ++g) {
    const WithoutDenormals guard;
    run(kind, job, groups[g], scratch[g].get());
  }
}

}  // namespace

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const Kernels* kernels : runnable()) names.emplace_back(kernels->name);
  return names;
}

std::string instruction_set() { return chosen.load()->name; }

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
  const std::int64_t H = job.hidden_size, D = job.input_size;
  const Floats inputs = allocate(kernels.packed_size(kind, H, D));
  const Floats recurrent = allocate(kernels.packed_size(kind, H, H));
  kernels.pack_forward(kind, H, D, job.input_weights, inputs.get());
  kernels.pack_forward(kind, H, H, job.weights, recurrent.get());
  job.input_weights = inputs.get();
  job.weights = recurrent.get();
  run_groups(kind, job, rows, threads, kernels.forward, kernels);
}

void run_backward(CellKind kind, Backward job, const Rows& rows, int threads) {
  const Kernels& kernels = *chosen.load();
  const std::int64_t H = job.hidden_size;
  const Floats packed = allocate(kernels.packed_size(kind, H, H));
  kernels.pack_backward(kind, H, job.weights, packed.get());
  job.weights = packed.get();
  run_groups(kind, job, rows, threads, kernels.backward, kernels);
}

}  // namespace vartai
