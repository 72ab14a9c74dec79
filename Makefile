# The everyday verbs. Each one that needs the environment makes it first, and re-uses one that
# is as new as pyproject.toml and constraints.txt.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/installed
CORE := CMakeLists.txt $(wildcard csrc/*.cpp csrc/*.h csrc/cells/*.h)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check sanitize bench results clean

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv, install the pinned packages, build the core

# The stamp is written last, so an interrupted installation is done again.
# VARTAI_REQUIRE_CORE: fail, rather than install without the compiled core.
$(STAMP): pyproject.toml constraints.txt $(CORE)
	$(PYTHON) -m venv $(VENV)
	VARTAI_REQUIRE_CORE=1 PIP_CONSTRAINT=constraints.txt \
		$(RUN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	touch $(STAMP)

demo: $(STAMP) ## train on the built-in corpus and print the table
	$(RUN)/vartai demo

# Files of tests run beside each other, each process on one thread: two that both want every core
# would wait for each other. Tests of threads say how many they need.
test: $(STAMP) ## every test, doctests included
	OMP_NUM_THREADS=1 $(RUN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile

check: $(STAMP) ## style, types, direction of imports
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/python -m pytest -q tests/test_layering.py tests/test_source_rules.py

sanitize: ## the core's memory and arithmetic under the sanitizers of the compiler
	cmake -S . -B build/sanitize -DVARTAI_SANITIZE=ON
	cmake --build build/sanitize
	build/sanitize/core_memory

bench: $(STAMP) ## speed on this machine, as ratios; that of layers goes to docs/results/kernels.md
	$(RUN)/python -m benchmarks.kernels
	$(RUN)/python -m benchmarks.scan_speed
	$(RUN)/python -m benchmarks.lesson_speed --seeds 3

results: $(STAMP) ## the published scores of classification, to docs/results/classify.md (needs VARTAI_DATA; hours)
	$(RUN)/python -m benchmarks.results

clean: ## remove the environment and what tools leave behind
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
