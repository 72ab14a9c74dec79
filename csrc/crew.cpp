#include "crew.h"

#include <algorithm>

namespace vartai {
namespace {

constexpr int kBits = 16;
constexpr std::int64_t kMost = (1 << kBits) - 1;

// Looks at what others do that take as long as many steps: whoever has begun a part and does not
// end it has lost its processor to another program, and will again.
constexpr int kPatience = 20000;
// The same once all work is done.
constexpr std::chrono::microseconds kReturn(1000);

constexpr int kRest = 16;
std::atomic<int> calls_to_rest{0};

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

void Crew::share_parts(std::int64_t count, const void* body, Call call) {
  const std::int64_t parts = std::min({size_, count, kMost});
  call_.store(call, std::memory_order_relaxed);
  body_.store(body, std::memory_order_relaxed);
  count_.store(count, std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t round = (ticket_.load(std::memory_order_relaxed) >> 2 * kBits) + 1;
  const std::uint64_t ticket = (round << kBits | static_cast<std::uint64_t>(parts)) << kBits;
  ticket_.store(ticket, std::memory_order_release);
  while (take_part()) {
  }
  for (int waited = 0; done_.load(std::memory_order_acquire) < parts; ++waited) {
    pause();
    if (waited != kPatience) continue;
    size_ = 1;
    alone_ = true;
    dismiss();
  }
}

// Begins and does a part; false if none is left. While a part is not done the leader does not go on,
// so what is read belongs to it as long as the ticket is the same.
bool Crew::take_part() {
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  std::int64_t part, parts, count;
  Call call;
  const void* body;
  do {
    part = static_cast<std::int64_t>(ticket & kMost);
    parts = static_cast<std::int64_t>(ticket >> kBits & kMost);
    if (part >= parts) return false;
    count = count_.load(std::memory_order_relaxed);
    call = call_.load(std::memory_order_relaxed);
    body = body_.load(std::memory_order_relaxed);
  } while (!ticket_.compare_exchange_weak(ticket, ticket + 1));
  call(body, part * count / parts, (part + 1) * count / parts);
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void Crew::follow() {
  while (!dismissed_.load(std::memory_order_acquire)) {
    if (!take_part()) pause();
  }
}

void Crew::dismiss() {
  dismissed_.store(true, std::memory_order_release);
  ended_ = Clock::now();
}

bool Crew::lost_time() const { return alone_ || Clock::now() - ended_ > kReturn; }

void rest_crews() { calls_to_rest = kRest; }

bool crews_rest() {
  const int left = calls_to_rest.load(std::memory_order_relaxed);
  if (left > 0) calls_to_rest.store(left - 1, std::memory_order_relaxed);
  return left > 0;
}

}  // namespace vartai
