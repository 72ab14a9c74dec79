#include "spinning_team.h"

#if defined(__linux__)

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace vartai {
namespace {

// As GCC calls it for `#pragma omp parallel`; other OpenMP runtimes have it for GCC's sake.
using Parallel = void (*)(void (*body)(void*), void* argument, unsigned threads, unsigned flags);

// The one that torch has loaded for everybody, null if there is none.
Parallel parallel() {
  static const Parallel found =
      reinterpret_cast<Parallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  return found;
}

// OpenMP's threads do not survive a fork, and its runtime does not know.
std::atomic<bool> forked = [] {
  pthread_atfork(nullptr, nullptr, [] { forked = true; });
  return false;
}();

// How long one thread has been on a processor.
struct Clock {
  clockid_t id;
  std::int64_t before;

  // Nanoseconds; -1 for a thread that is gone.
  std::int64_t now() const {
    timespec time;
    if (clock_gettime(id, &time) != 0) return -1;
    return std::int64_t{1000000000} * time.tv_sec + time.tv_nsec;
  }
};

// Who else belongs to the team that OpenMP keeps for a thread: found out by calling the roll once,
// and again when the team has changed.
class Team {
 public:
  bool spins(int threads) {
    if (threads != threads_) call_roll(threads);
    if (clocks_.empty()) return false;
    for (Clock& clock : clocks_) {
      clock.before = clock.now();
      if (clock.before < 0) {
        threads_ = 0;
        return false;
      }
    }
    for (const Clock& clock : clocks_) {
      if (clock.now() <= clock.before) return false;
    }
    return true;
  }

 private:
  void call_roll(int threads) {
    threads_ = threads;
    clocks_.clear();
    caller_ = pthread_self();
    parallel()([](void* team) { static_cast<Team*>(team)->answer(); }, this,
               static_cast<unsigned>(threads), 0);
    if (clocks_.size() + 1 != static_cast<std::size_t>(threads)) clocks_.clear();
  }

  void answer() {
    Clock clock{};
    if (pthread_equal(pthread_self(), caller_)) return;
    if (pthread_getcpuclockid(pthread_self(), &clock.id) != 0) return;
    const std::lock_guard lock(mutex_);
    clocks_.push_back(clock);
  }

  std::mutex mutex_;
  std::vector<Clock> clocks_;
  pthread_t caller_{};
  int threads_ = 0;
};

}  // namespace

bool run_on_spinning_team(int threads, void (*run)(void*), void* argument) {
  thread_local Team team;
  if (threads < 2 || forked || parallel() == nullptr || !team.spins(threads)) return false;
  parallel()(run, argument, static_cast<unsigned>(threads), 0);
  return true;
}

}  // namespace vartai

#else

namespace vartai {
bool run_on_spinning_team(int, void (*)(void*), void*) { return false; }
}  // namespace vartai

#endif
