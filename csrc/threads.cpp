#include "threads.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "spinning_team.h"

namespace vartai {
namespace {

// A call of share_out. A thread that comes late finds nothing left and touches only the counters.
struct Task {
  const std::function<void(std::int64_t)>& work;
  const std::int64_t count;
  std::atomic<std::int64_t> begun{0};
  std::atomic<std::int64_t> done{0};

  void help() {
    for (std::int64_t i = begun++; i < count; i = begun++) {
      work(i);
      if (++done == count) done.notify_all();
    }
  }

  void wait() {
    for (std::int64_t seen = done; seen < count; seen = done) done.wait(seen);
  }
};

class Team {
 public:
  void ask_for_help(const std::shared_ptr<Task>& task, int helpers) {
    {
      const std::lock_guard lock(mutex_);
      for (; threads_ < helpers; ++threads_) std::thread([this] { serve(); }).detach();
      for (int i = 0; i < helpers; ++i) tasks_.push_back(task);
    }
    helpers == 1 ? wanted_.notify_one() : wanted_.notify_all();
  }

 private:
  [[noreturn]] void serve() {
    for (;;) {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return !tasks_.empty(); });
      const std::shared_ptr<Task> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task->help();
    }
  }

  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<std::shared_ptr<Task>> tasks_;
  int threads_ = 0;
};

// Never destroyed: its threads sleep on it until the process ends. A child of a fork has none of
// its parent's threads, so it begins with a team of its own.
std::atomic<Team*> team = [] {
  pthread_atfork(nullptr, nullptr, [] { team = new Team; });
  return new Team;
}();

}  // namespace

void share_out(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work) {
  const std::int64_t helpers = (threads < count ? threads : count) - 1;
  if (helpers <= 0) {
    for (std::int64_t i = 0; i < count; ++i) work(i);
    return;
  }
  Task here{work, count};
  if (run_on_spinning_team(
          threads, [](void* task) { static_cast<Task*>(task)->help(); }, &here)) {
    return;  // all are back, so nothing is in progress
  }
  const std::shared_ptr<Task> task(new Task{work, count});
  team.load()->ask_for_help(task, static_cast<int>(helpers));
  task->help();
  task->wait();
}

}  // namespace vartai
