#include "scan_layer.h"

#include <algorithm>
#include <vector>

#include "denormals.h"
#include "layer.h"
#include "threads.h"

namespace vartai {
namespace {

// Units of a block, at least: one line of the processor's memory, whole vectors of any width.
constexpr std::int64_t kLeastUnits = 16;
// Numbers of a state that are less work than asking another thread.
constexpr std::int64_t kSmall = 1 << 14;

// Calls run(group, units) for all groups and all units, on as many threads as allowed.
template <class Run>
void in_pieces(const Rows& rows, std::int64_t H, int threads, Run run) {
  const auto& groups = rows.groups();
  const std::int64_t count = static_cast<std::int64_t>(groups.size());
  if (count == 0) return;
  if (rows.total() * H < kSmall) threads = 1;
  const std::int64_t most = (H + kLeastUnits - 1) / kLeastUnits;
  const std::int64_t blocks = std::clamp((threads + count - 1) / count, std::int64_t{1}, most);
  const std::int64_t units = (most + blocks - 1) / blocks * kLeastUnits;
  share_out(count * blocks, threads, [&](std::int64_t piece) {
    const WithoutDenormals guard;
    const std::int64_t first = std::min(piece % blocks * units, H);
    run(groups[static_cast<std::size_t>(piece / blocks)],
        Units{first, std::min(first + units, H)});
  });
}

void add_up(const std::vector<float>& of_each, std::int64_t H, float* sum) {
  std::fill(sum, sum + H, 0.0f);
  const float* from = of_each.data();
  for (; from < of_each.data() + of_each.size(); from += H) {
    for (std::int64_t unit = 0; unit < H; ++unit) sum[unit] += from[unit];
  }
}

}  // namespace

void run_scan_forward(ScanKind kind, const ScanForward& job, const Rows& rows, int threads) {
  const auto run = kernels_in_use().scan_forward;
  in_pieces(rows, job.hidden_size, threads,
            [&](const Group& group, Units units) { run(kind, job, group, units); });
}

void run_scan_backward(ScanKind kind, ScanBackward job, const Rows& rows, int threads,
                       float* d_recurrent) {
  const auto run = kernels_in_use().scan_backward;
  const std::int64_t H = job.hidden_size, B = rows.sequences();
  std::vector<float> of_each(static_cast<std::size_t>(d_recurrent != nullptr ? B * H : 0));
  job.d_recurrent = of_each.data();
  in_pieces(rows, job.hidden_size, threads,
            [&](const Group& group, Units units) { run(kind, job, group, units); });
  if (d_recurrent != nullptr) add_up(of_each, H, d_recurrent);
}

}  // namespace vartai
