// Adds single steps to the module.

#pragma once

#include <nanobind/nanobind.h>

void bind_steps(nanobind::module_& module);
