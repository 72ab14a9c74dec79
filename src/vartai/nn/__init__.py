"""Layers: numbers in, modules out. `RNN`, `LSTM`, `GRU` take what their namesakes of torch do."""

from __future__ import annotations

from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.ind_rnn import IndRNN
from vartai.nn.min_gru import MinGRU
from vartai.nn.min_lstm import MinLSTM
from vartai.nn.pooling import AttentionPool, LastPool, MaxPool, MeanPool
from vartai.nn.recurrent import GRU, LSTM, RNN
from vartai.nn.slstm import SLSTM

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "SLSTM",
    "AttentionPool",
    "Embedding",
    "IndRNN",
    "LastPool",
    "LockedDropout",
    "MaxPool",
    "MeanPool",
    "MinGRU",
    "MinLSTM",
    "WordDropout",
]
