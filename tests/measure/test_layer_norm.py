"""How far apart two right layer-normalised LSTMs may be: both beside the same in float64."""

from __future__ import annotations

import pytest
from torch import Tensor

from vartai.kernels import native
from vartai.measure.agreement import OF_LARGEST, OF_LARGEST_NORMALISED
from vartai.measure.cases import Case
from vartai.measure.entrant import Results, Together
from vartai.measure.layer_norm import EagerLayerNormLSTM, eager_layer_norm, vartai_layer_norm
from vartai.measure.work import Work


def in_float64(work: Work) -> Results:
    """What the eager loop gives where rounding does not matter."""
    layer = EagerLayerNormLSTM(work.layer).double()
    inputs, gradient = work.padded()
    assert gradient is not None
    inputs = inputs.detach().double().requires_grad_()
    named = dict(layer.named_parameters())
    parameters = {name: named[name] for name in work.parameters}
    return Together(layer, inputs, work.from_padded, gradient.double(), parameters).results()


def distance(found: Tensor, true: Tensor) -> float:
    """The largest difference, as a share of the largest number."""
    return float((found.double() - true).abs().max() / true.abs().max())


@pytest.mark.skipif(not native.HAS_CORE, reason="there is no compiled core")
def test_the_core_is_no_further_from_float64_than_the_loop_that_judges_it() -> None:
    """At the size that is measured; the wider agreement there is for rounding, and needed."""
    work = Work(Case("LSTM", 32, 100, 128, kind="layer norm", training=True))
    true = in_float64(work)
    core, loop = (make(work).results() for make in (vartai_layer_norm, eager_layer_norm))
    of_core = {name: distance(core[name], value) for name, value in true.items()}
    of_loop = {name: distance(loop[name], value) for name, value in true.items()}
    assert max(of_core.values()) < OF_LARGEST_NORMALISED / 2, of_core
    assert max(of_loop.values()) < OF_LARGEST_NORMALISED / 2, of_loop
    assert max(of_core.values()) < 2 * max(of_loop.values()), (of_core, of_loop)
    assert max(*of_core.values(), *of_loop.values()) > OF_LARGEST, (of_core, of_loop)
