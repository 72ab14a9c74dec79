"""What has to be the same to go on from a model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vartai.errors import OptionError
from vartai.tasks.continuing import require_same


def config(cell: str, *, layers: int = 1, shared: bool = True) -> SimpleNamespace:
    model = SimpleNamespace(cell=cell, layers=layers)
    return SimpleNamespace(model=model, text=SimpleNamespace(shared=shared))


def test_what_does_not_shape_the_model_may_differ() -> None:
    require_same(config("gru"), config("gru", layers=2), {"model": ("cell",), "text": ("shared",)})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (config("lstm"), "cell is gru in the model to continue, lstm was asked for"),
        (config("gru", shared=False), "shared is True in the model to continue, False was asked"),
    ],
)
def test_another_shape_is_refused_with_both_values(asked: SimpleNamespace, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        require_same(config("gru"), asked, {"model": ("cell", "layers"), "text": ("shared",)})
