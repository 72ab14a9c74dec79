// Groups of sequences shared out to threads, each with working memory of its own.

#pragma once

#include <algorithm>

#include "crew.h"
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

// The same where there may be fewer groups than threads: run(group, its number, working memory,
// crew). `most` is how many threads a step of one group is worth.
template <class Run>
void in_crews(const Rows& rows, int threads, std::int64_t most, std::int64_t scratch_each,
              Run run) {
  const auto& groups = rows.groups();
  const std::int64_t count = static_cast<std::int64_t>(groups.size());
  if (count == 0) return;
  const std::int64_t possible = std::min(threads / count, most);
  const std::int64_t size = possible < 2 || crews_rest() ? 1 : possible;
  const Floats scratch = allocate(scratch_each * count);
  const std::unique_ptr<Crew[]> crews(new Crew[count]);
  for (std::int64_t g = 0; g < count; ++g) {
    if (groups[static_cast<std::size_t>(g)].count <= kFewSequences) crews[g].enlist(size);
  }
  // Places in crews, first one of every crew: who takes it leads.
  share_out(count * size, threads, [&](std::int64_t place) {
    const WithoutDenormals guard;
    const std::int64_t g = place % count;
    if (!crews[g].leads()) return crews[g].follow();
    run(groups[static_cast<std::size_t>(g)], g, scratch.get() + g * scratch_each, &crews[g]);
    crews[g].dismiss();
  });
  if (size == 1) return;
  for (std::int64_t g = 0; g < count; ++g) {
    if (crews[g].lost_time()) return rest_crews();
  }
}

inline std::int64_t most_sequences(const Rows& rows) {
  std::int64_t most = 0;
  for (const Group& group : rows.groups()) most = std::max(most, group.count);
  return most;
}

}  // namespace vartai
