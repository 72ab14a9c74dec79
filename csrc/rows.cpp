#include "rows.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace vartai {

Rows::Rows(const std::int64_t* lengths, std::int64_t count, bool reverse, std::int64_t groups)
    : sequence_(count), length_(count), first_row_(count), direction_(reverse ? -1 : 1) {
  std::vector<std::int64_t> offsets(count);
  for (std::int64_t b = 0; b < count; ++b) {
    if (lengths[b] < 0) {
      throw std::invalid_argument("length " + std::to_string(lengths[b]) + " of sequence " +
                                  std::to_string(b) + " is negative");
    }
    offsets[b] = total_;
    total_ += lengths[b];
  }
  std::iota(sequence_.begin(), sequence_.end(), 0);
  std::stable_sort(sequence_.begin(), sequence_.end(),
                   [&](std::int64_t a, std::int64_t b) { return lengths[a] > lengths[b]; });
  for (std::int64_t s = 0; s < count; ++s) {
    const std::int64_t b = sequence_[s];
    length_[s] = lengths[b];
    first_row_[s] = reverse ? offsets[b] + lengths[b] - 1 : offsets[b];
  }
  cut_into(groups);
}

void Rows::cut_into(std::int64_t groups) {
  std::int64_t first = 0, steps = 0;
  for (std::int64_t s = 0; s < sequences(); ++s) {
    steps += length_[s];
    const std::int64_t group = static_cast<std::int64_t>(groups_.size());
    const bool full = steps * groups >= total_ * (group + 1);
    if (s + 1 < sequences() && (!full || group + 1 == groups)) continue;
    groups_.push_back({s + 1 - first, &sequence_[first], &length_[first], &first_row_[first],
                       direction_});
    first = s + 1;
  }
}

}  // namespace vartai
