#include "row_layer.h"

#include <algorithm>

#include "groups.h"

namespace vartai {
namespace {

// Rows of a product that are formed at once: they and their sums stay in a near cache.
constexpr std::int64_t kProductRows = 64;

// The sums of all groups, added in the order of the groups, taken apart.
void write_gradients(std::int64_t G, std::int64_t H, const float* sums, std::int64_t groups,
                     const RowWeightGradients& to) {
  const auto add = [&](float* out, std::int64_t from, std::int64_t count) {
    std::fill(out, out + count, 0.0f);
    for (std::int64_t g = 0; g < groups; ++g) {
      const float* const part = sums + g * row_sums_size(G, H) + from;
      for (std::int64_t i = 0; i < count; ++i) out[i] += part[i];
    }
  };
  for (std::int64_t row = 0; row < G * H; ++row) add(to.d_weights + row * H, row * padded(H), H);
  add(to.d_parts, row_sums_before_parts(G, H), parts_size(G, H));
}

}  // namespace

void run_row_forward(RowCell cell, RowForward job, const Rows& rows, int threads) {
  const RowKernels& kernels = *kernels_in_use().of_rows;
  const std::int64_t H = job.hidden_size, columns = gates_of(cell) * H;
  const Floats packed = allocate(H * padded(columns));
  kernels.pack_transposed(H, columns, job.weights, packed.get());
  job.weights = packed.get();
  in_groups(rows, threads, kernels.scratch_size(cell, H, most_sequences(rows)),
            [&](const Group& group, std::int64_t, float* scratch) {
              kernels.forward(cell, job, group, scratch);
            });
}

void run_row_backward(RowCell cell, RowBackward job, const Rows& rows, int threads,
                      const RowWeightGradients& gradients) {
  const RowKernels& kernels = *kernels_in_use().of_rows;
  const std::int64_t G = gates_of(cell), H = job.hidden_size;
  const Floats packed = allocate(G * H * padded(H));
  kernels_in_use().pack_columns(G * H, H, job.weights, packed.get());
  job.weights = packed.get();
  const std::int64_t groups = static_cast<std::int64_t>(rows.groups().size());
  const Floats sums = allocate(groups * row_sums_size(G, H));
  in_groups(rows, threads, kernels.scratch_size(cell, H, most_sequences(rows)),
            [&](const Group& group, std::int64_t number, float* scratch) {
              kernels.backward(cell, job, group, scratch,
                               sums.get() + number * row_sums_size(G, H));
            });
  write_gradients(G, H, sums.get(), groups, gradients);
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
