// Groups of sequences shared out to threads, each with working memory of its own.

#pragma once

#include <algorithm>

#include "denormals.h"
#include "layer.h"
#include "threads.h"

namespace vartai {

// Calls run(group, its number, working memory) for every group, on as many threads as allowed.
template <class Run>
void in_groups(const Rows& rows, int threads, std::int64_t scratch_each, Run run) {
  const auto& groups = rows.groups();
  const std::int64_t count = static_cast<std::int64_t>(groups.size());
  // Memory is taken here, since work that is shared out must not throw.
  const Floats scratch = allocate(scratch_each * count);
  share_out(count, threads, [&](std::int64_t g) {
    const WithoutDenormals guard;
    run(groups[static_cast<std::size_t>(g)], g, scratch.get() + g * scratch_each);
  });
}

inline std::int64_t most_sequences(const Rows& rows) {
  std::int64_t most = 0;
  for (const Group& group : rows.groups()) most = std::max(most, group.count);
  return most;
}

}  // namespace vartai
