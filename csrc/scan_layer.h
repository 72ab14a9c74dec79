// A whole scan: groups of sequences, and blocks of units where sequences are few, shared out to
// threads. What each thread does is in scan.h.

#pragma once

#include "scan.h"

namespace vartai {

void run_scan_forward(ScanKind kind, const ScanForward& job, const Rows& rows, int threads);

// The gradient of IndRNN's u goes to d_recurrent [H], what the sequences add in the order of the
// batch; null for a kind that has none. The job's own pointer to it is not read.
void run_scan_backward(ScanKind kind, ScanBackward job, const Rows& rows, int threads,
                       float* d_recurrent);

}  // namespace vartai
