"""Layers: numbers in, modules out. `RNN`, `LSTM`, `GRU` take what their namesakes of torch do.

`accelerate` makes the recurrent layers of any torch model compute the way these do.
"""

from __future__ import annotations

from vartai.nn.acceleration import Acceleration, accelerate, restore
from vartai.nn.cells import GRUCell, LSTMCell, RNNCell
from vartai.nn.clockwork_rnn import ClockworkRNN
from vartai.nn.depth_gated_lstm import DepthGatedLSTM
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding, MeanEmbedding
from vartai.nn.gate_recurrent_lstm import GateRecurrentLSTM
from vartai.nn.grid_lstm import GridLSTM
from vartai.nn.grid_lstm1d import GridLSTM1d
from vartai.nn.grid_lstm3d import GridLSTM3d
from vartai.nn.gru import GRU
from vartai.nn.ind_rnn import IndRNN
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.min_gru import MinGRU
from vartai.nn.min_lstm import MinLSTM
from vartai.nn.pooling import AttentionPool, LastPool, MaxPool, MeanPool
from vartai.nn.prepared import PreparedStep, prepare_step
from vartai.nn.prepared_layers import PreparedLayers, prepare_layers
from vartai.nn.rnn import RNN
from vartai.nn.slstm import SLSTM
from vartai.nn.softmax_output import SoftmaxOutput
from vartai.nn.trace import LayerTrace

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "SLSTM",
    "Acceleration",
    "AttentionPool",
    "ClockworkRNN",
    "DepthGatedLSTM",
    "Embedding",
    "GRUCell",
    "GateRecurrentLSTM",
    "GridLSTM",
    "GridLSTM1d",
    "GridLSTM3d",
    "IndRNN",
    "LSTMCell",
    "LastPool",
    "LayerTrace",
    "LockedDropout",
    "MaxPool",
    "MeanEmbedding",
    "MeanPool",
    "MinGRU",
    "MinLSTM",
    "PreparedLayers",
    "PreparedStep",
    "RNNCell",
    "RecurrentLayers",
    "SoftmaxOutput",
    "WordDropout",
    "accelerate",
    "prepare_layers",
    "prepare_step",
    "restore",
]
