"""Layers: numbers in, modules out. `RNN`, `LSTM`, `GRU` take what their namesakes of torch do.

`accelerate` makes the recurrent layers of any torch model compute the way these do.
"""

from __future__ import annotations

from vartai.nn.acceleration import Acceleration, accelerate, restore
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.pooling import AttentionPool, LastPool, MaxPool, MeanPool
from vartai.nn.recurrent import GRU, LSTM, RNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Acceleration",
    "AttentionPool",
    "Embedding",
    "LastPool",
    "LockedDropout",
    "MaxPool",
    "MeanPool",
    "WordDropout",
    "accelerate",
    "restore",
]
