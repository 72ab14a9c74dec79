"""The examples of `docs/layers.md` run, and its lists are complete."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import torch

from vartai import nn as ours
from vartai.kernels.activations import ACTIVATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "layers.md").read_text(encoding="utf-8")


def test_the_examples_run() -> None:
    torch.manual_seed(0)
    examples = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(examples) == 7
    exec("\n".join(examples), {})


def test_every_option_and_activation_is_listed() -> None:
    for layer in (ours.RNN, ours.LSTM, ours.GRU):
        parameters = inspect.signature(layer).parameters.values()
        for parameter in parameters:
            if parameter.kind is parameter.KEYWORD_ONLY:
                assert f"`{parameter.name}=" in PAGE, parameter.name
    assert ", ".join(ACTIVATIONS) in PAGE.replace("\n", " ")
