"""Dropout of single numbers: the right share, unbiased, and nothing in evaluation."""

from __future__ import annotations

import pytest
import torch

from vartai.errors import OptionError
from vartai.nn.dropout import Dropout


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_share_is_dropped_and_the_mean_stays(share: float) -> None:
    torch.manual_seed(0)
    rows = torch.ones(400, 251)
    found = Dropout(share)(rows)
    kept = found != 0
    assert float(kept.double().mean()) == pytest.approx(1 - share, abs=0.01)
    assert float(found.double().mean()) == pytest.approx(1.0, abs=0.05)
    torch.testing.assert_close(
        found[kept].unique(), torch.tensor([1 / (1 - share)]), rtol=1e-3, atol=0
    )


def test_neighbours_are_dropped_independently() -> None:
    torch.manual_seed(1)
    kept = (Dropout(0.5)(torch.ones(100_000)) != 0).double()
    for apart in (1, 2, 3, 4, 5):
        both = float((kept[:-apart] * kept[apart:]).mean())
        assert both == pytest.approx(0.25, abs=0.01)
    for lane in range(4):  # no place of a draw is luckier than the others
        assert float(kept[lane::4].mean()) == pytest.approx(0.5, abs=0.01)


def test_a_seed_decides_what_is_dropped_and_gradients_follow_it() -> None:
    dropout, rows = Dropout(0.3), torch.ones(7, 5, requires_grad=True)
    found = []
    for _ in range(2):
        torch.manual_seed(4)
        found.append(dropout(rows))
    assert torch.equal(*found)
    found[0].sum().backward()
    assert torch.equal(rows.grad, found[0].detach())


def test_evaluation_drops_nothing() -> None:
    rows = torch.randn(3, 4)
    assert Dropout(0.5).eval()(rows) is rows
    assert Dropout(0.0)(rows) is rows


def test_everything_cannot_be_dropped() -> None:
    with pytest.raises(OptionError, match="dropout must be at least 0 and below 1"):
        Dropout(1.0)
