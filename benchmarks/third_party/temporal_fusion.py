"""pytorch-forecasting: the Temporal Fusion Transformer at the sizes of its tutorial.

Encoders of 12 to 24 steps, so that its own LSTM packs ragged sequences; 6 steps are forecast.
"""

from __future__ import annotations

import warnings

import torch
from pytorch_forecasting import TemporalFusionTransformer, TimeSeriesDataSet
from pytorch_forecasting.data.examples import generate_ar_data
from pytorch_forecasting.metrics import QuantileLoss
from torch import Tensor

from benchmarks.third_party.contest import Subject, run, trainer


def make() -> Subject:
    """A model and one batch of generated autoregressive series."""
    warnings.simplefilter("ignore")
    table = generate_ar_data(seasonality=10.0, timesteps=60, n_series=100, seed=42)
    table["series"] = table["series"].astype(str)
    dataset = TimeSeriesDataSet(
        table,
        time_idx="time_idx",
        target="value",
        group_ids=["series"],
        min_encoder_length=12,
        max_encoder_length=24,
        max_prediction_length=6,
        static_categoricals=["series"],
        time_varying_known_reals=["time_idx"],
        time_varying_unknown_reals=["value"],
        add_relative_time_idx=True,
        randomize_length=True,
    )
    model = TemporalFusionTransformer.from_dataset(
        dataset,
        hidden_size=16,
        attention_head_size=2,
        dropout=0.1,
        hidden_continuous_size=8,
        loss=QuantileLoss(),
    )
    inputs, targets = next(iter(dataset.to_dataloader(train=True, batch_size=128)))

    def infer() -> Tensor:
        model.eval()
        with torch.no_grad():
            prediction: Tensor = model(inputs)["prediction"]
        return prediction

    def loss() -> Tensor:
        value: Tensor = model.loss(model(inputs)["prediction"], targets)
        return value

    return Subject(
        package="pytorch-forecasting",
        sizes="TemporalFusionTransformer, H 16, encoder 12-24, 6 ahead, batch 128",
        model=model,
        infer=infer,
        train=trainer(model, loss),
    )


if __name__ == "__main__":
    run(make)
