// Sharing pieces of work out to threads, for a machine that may be busy with other things.
//
// The caller works too, and takes every piece that no other thread has begun: it waits for pieces
// in progress, never for a thread that has not got its turn on the processor. A barrier would, and
// on a busy machine that costs more than the work. Where torch's threads are on the processors,
// waiting for work, they get it (spinning_team.h); else the core's own are woken.

#pragma once

#include <cstdint>
#include <functional>

namespace vartai {

// Calls work(i) once for every i below `count`, on at most `threads` threads, and returns when all
// are done. `work` must not throw. May be called from several threads at once, and after a fork.
void share_out(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work);

}  // namespace vartai
