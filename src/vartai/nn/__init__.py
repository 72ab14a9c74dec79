"""Layers: numbers in, modules out. `RNN`, `LSTM`, `GRU` take what their namesakes of torch do."""

from __future__ import annotations

from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding, MeanEmbedding
from vartai.nn.pooling import AttentionPool, LastPool, MaxPool, MeanPool
from vartai.nn.recurrent import GRU, LSTM, RNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AttentionPool",
    "Embedding",
    "LastPool",
    "LockedDropout",
    "MaxPool",
    "MeanEmbedding",
    "MeanPool",
    "WordDropout",
]
