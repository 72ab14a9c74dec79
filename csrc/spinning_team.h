// The threads of torch's OpenMP runtime, while they are awake.
//
// After each operator that torch shares out, these threads wait for the next one without giving
// their processors back, for ten milliseconds or so. Threads of our own that begin meanwhile get
// half a processor each. So those that wait are given the work: they are there already, and begin
// at once. Asleep, or not on a processor because the machine is busy, they are left alone: an
// OpenMP region ends when all of its threads have had their turn, which then may take long.

#pragma once

namespace vartai {

// Calls run(argument) on the calling thread and at the same time on the others of its OpenMP team,
// if that has `threads` threads and all of them are waiting on a processor. Else false, and
// nothing is called.
bool run_on_spinning_team(int threads, void (*run)(void*), void* argument);

}  // namespace vartai
