"""neuralforecast: its GRU with its defaults, on a week of hourly values, a day ahead."""

from __future__ import annotations

import torch
from neuralforecast.losses.pytorch import MAE
from neuralforecast.models import GRU
from torch import Tensor

from benchmarks.third_party.contest import Subject, run, trainer

WINDOWS, STEPS, AHEAD = 128, 168, 24


def make() -> Subject:
    """A model, and as many windows as it takes by default."""
    model = GRU(h=AHEAD, input_size=STEPS, max_steps=1, loss=MAE())
    series = torch.randn(WINDOWS, STEPS + AHEAD, 1).cumsum(1) / 10
    windows = {
        "insample_y": series[:, :STEPS],
        "futr_exog": None,
        "hist_exog": None,
        "stat_exog": None,
    }

    def infer() -> Tensor:
        model.eval()
        with torch.no_grad():
            forecast: Tensor = model(windows)
        return forecast

    def loss() -> Tensor:
        value: Tensor = model.loss(y=series[:, STEPS:], y_hat=model(windows))
        return value

    return Subject(
        package="neuralforecast",
        sizes=f"GRU, 2 layers, H 200, {STEPS} steps, {AHEAD} ahead, {WINDOWS} windows",
        model=model,
        infer=infer,
        train=trainer(model, loss),
    )


if __name__ == "__main__":
    run(make)
