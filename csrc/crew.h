// Threads that carry one group through its steps together, where there are fewer groups than
// threads: at each step everyone takes some of the units.
//
// A step is too short to wake a thread for, so those who follow look for work until there is no
// more. Nobody waits for one who is not there: the leader takes every part that no other thread
// has begun, waits only for parts in progress, and goes on alone once that has taken long.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace vartai {

// A group of more sequences than this is left to one thread: their rows keep it busy.
constexpr std::int64_t kFewSequences = 4;

class Crew {
 public:
  // Sets how many work together, at most.
  void enlist(std::int64_t size) { size_ = size; }

  // True for the first thread that asks, which is then the one to call `share` and `dismiss`.
  bool leads() { return !led_.exchange(true); }

  // Calls body(begin, end) for parts of [0, count), on whoever is free; returns when all are done.
  template <class Body>
  void share(std::int64_t count, const Body& body) {
    if (size_ == 1) return body(0, count);
    share_parts(count, &body, [](const void* of, std::int64_t begin, std::int64_t end) {
      (*static_cast<const Body*>(of))(begin, end);
    });
  }

  // What those do who do not lead.
  void follow();

  void dismiss();

  // Once all are back: whether a part, or somebody's return, was waited for.
  bool lost_time() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Call = void (*)(const void* body, std::int64_t begin, std::int64_t end);

  void share_parts(std::int64_t count, const void* body, Call call);
  bool take_part();

  // From below: the next part, how many there are, and how often work was shared.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  std::atomic<Call> call_{nullptr};
  std::atomic<const void*> body_{nullptr};
  std::atomic<std::int64_t> count_{0};
  alignas(64) std::atomic<std::int64_t> done_{0};
  std::atomic<bool> led_{false}, dismissed_{false};
  std::int64_t size_ = 1;
  bool alone_ = false;
  Clock::time_point ended_;
};

// Where a crew has lost time to other programs, the next ones are not formed: `rest_crews` says so,
// and `crews_rest` is true for some calls from then on.
void rest_crews();
bool crews_rest();

}  // namespace vartai
