#include "row_layer.h"

#include <algorithm>

#include "groups.h"

namespace vartai {
namespace {

// Rows of a product that are formed at once: they and their sums stay in a near cache.
constexpr std::int64_t kProductRows = 64;

// The sums of all groups, added in the order of the groups, taken apart.
void write_gradients(const RowSums& layout, const float* sums, std::int64_t groups,
                     const RowWeightGradients& to) {
  const std::int64_t H = layout.hidden_size, P = layout.state_size;
  const auto add = [&](float* out, std::int64_t from, std::int64_t count) {
    std::fill(out, out + count, 0.0f);
    for (std::int64_t g = 0; g < groups; ++g) {
      const float* const part = sums + g * layout.size() + from;
      for (std::int64_t i = 0; i < count; ++i) out[i] += part[i];
    }
  };
  for (std::int64_t row = 0; row < layout.first_rows; ++row) {
    add(to.d_weights + row * P, row * padded(P), P);
  }
  for (std::int64_t row = 0; layout.has_after && row < P; ++row) {
    add(to.d_after + row * H, layout.after() + row * padded(H), H);
  }
  add(to.d_parts, layout.parts(), parts_size(layout.gates, H));
}

}  // namespace

void run_row_forward(RowForward job, const Rows& rows, int threads) {
  const RowKernels& kernels = *kernels_in_use().of_rows;
  const std::int64_t H = job.hidden_size, P = job.state_size;
  const std::int64_t columns = job.kind.first() * H;
  const Floats packed = allocate(P * padded(columns));
  kernels.pack_transposed(P, columns, job.weights, packed.get());
  job.weights = packed.get();
  const Floats after = allocate(H * padded(P));
  if (job.after != nullptr) {
    kernels.pack_transposed(H, P, job.after, after.get());
    job.after = after.get();
  }
  in_groups(rows, threads, kernels.scratch_size(job.kind, H, P, most_sequences(rows)),
            [&](const Group& group, std::int64_t, float* scratch) {
              kernels.forward(job, group, scratch);
            });
}

void run_row_backward(RowBackward job, const Rows& rows, int threads,
                      const RowWeightGradients& gradients) {
  const RowKernels& kernels = *kernels_in_use().of_rows;
  const std::int64_t H = job.hidden_size, P = job.state_size;
  const RowSums layout = row_sums_of(job);
  const Floats packed = allocate(layout.first_rows * padded(P));
  kernels_in_use().pack_columns(layout.first_rows, P, job.weights, packed.get());
  job.weights = packed.get();
  const Floats after = allocate(P * padded(H));
  if (job.after != nullptr) {
    kernels_in_use().pack_columns(P, H, job.after, after.get());
    job.after = after.get();
  }
  const std::int64_t groups = static_cast<std::int64_t>(rows.groups().size());
  const Floats sums = allocate(groups * layout.size());
  in_groups(rows, threads, kernels.scratch_size(job.kind, H, P, most_sequences(rows)),
            [&](const Group& group, std::int64_t number, float* scratch) {
              kernels.backward(job, group, scratch, sums.get() + number * layout.size());
            });
  write_gradients(layout, sums.get(), groups, gradients);
}

void run_product(const float* left, std::int64_t rows, std::int64_t depth, const float* weights,
                 std::int64_t columns, float* out, int threads) {
  const RowKernels& kernels = *kernels_in_use().of_rows;
  const Floats packed = allocate(depth * padded(columns));
  kernels.pack_transposed(depth, columns, weights, packed.get());
  const std::int64_t blocks = (rows + kProductRows - 1) / kProductRows;
  const std::int64_t pieces = std::min<std::int64_t>(threads, blocks);
  const Floats scratch = allocate(pieces * kProductRows * padded(columns));
  share_out(pieces, threads, [&](std::int64_t piece) {
    const WithoutDenormals guard;
    float* const own = scratch.get() + piece * kProductRows * padded(columns);
    for (std::int64_t block = piece; block < blocks; block += pieces) {
      const std::int64_t first = block * kProductRows;
      kernels.product(left + first * depth, std::min(kProductRows, rows - first), depth,
                      packed.get(), columns, own, out + first * columns);
    }
  });
}

}  // namespace vartai
