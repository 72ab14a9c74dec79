// Which row of a batch each sequence takes at each step, and which sequences go together.
//
// Sequences are taken from longest to shortest, so those that still run at a step are always the
// first ones, and no step is computed that is not there. A group is a run of them that one thread
// carries through all its steps; groups hold about equally many steps and share nothing.

#pragma once

#include <cstdint>
#include <vector>

namespace vartai {

// `count` sequences, longest first. Step t of the s-th reads row `first_row[s] + direction · t`.
struct Group {
  std::int64_t count;
  const std::int64_t* sequence;   // [count] place in the batch
  const std::int64_t* length;     // [count] descending, zero allowed
  const std::int64_t* first_row;  // [count] row of the first step taken
  std::int64_t direction;         // +1, or -1 from each sequence's last step to its first

  std::int64_t row(std::int64_t s, std::int64_t step) const {
    return first_row[s] + direction * step;
  }
};

// Floats between rows of working memory that hold `count`: whole vectors of any width.
constexpr std::int64_t padded(std::int64_t count) { return (count + 15) / 16 * 16; }

class Rows {
 public:
  // lengths [count], each at least 0: the rows of the batch stand sequence after sequence.
  // Throws std::invalid_argument where a length is negative.
  Rows(const std::int64_t* lengths, std::int64_t count, bool reverse, std::int64_t groups);

  // Group the sequences have own pointers into this object.
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  std::int64_t sequences() const { return static_cast<std::int64_t>(sequence_.size()); }
  std::int64_t total() const { return total_; }
  const std::vector<Group>& groups() const { return groups_; }

 private:
  void cut_into(std::int64_t groups);

  std::vector<std::int64_t> sequence_, length_, first_row_;
  std::vector<Group> groups_;
  std::int64_t direction_;
  std::int64_t total_ = 0;
};

}  // namespace vartai
