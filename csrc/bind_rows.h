// Adds the functions of cells that take whole rows to the module.

#pragma once

#include <nanobind/nanobind.h>

void bind_rows(nanobind::module_& module);
