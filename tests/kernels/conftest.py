"""Ways through a layer that the tests of this room compare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from vartai.kernels import native


@pytest.fixture(params=["portable", "avx2", "avx512"])
def instruction_set(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each instruction set of the core in turn, where the processor has it."""
    if not native.HAS_CORE:
        pytest.fail("vartai is installed without its compiled core: make setup")
    if request.param not in native.instruction_sets():
        pytest.skip(f"this processor or build has no {request.param}")
    best = native.instruction_sets()[-1]
    native.use_instruction_set(request.param)
    yield request.param
    native.use_instruction_set(best)


@pytest.fixture
def threads() -> Iterator[None]:
    """Puts torch's number of threads back."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
