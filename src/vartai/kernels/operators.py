"""torch's recurrent operators under torch's names and with torch's arguments, through the core.

`torch.nn.LSTM` and its kin check their inputs, sort their states, and then call one operator of
`torch._VF`. This module stands in for that one (see `vartai.nn.acceleration`), so its functions
take the positional arguments that those forward methods pass:

    lstm(input, hx, weights, has_biases, num_layers, dropout, train, bidirectional, batch_first)
    lstm(data, batch_sizes, hx, weights, has_biases, num_layers, dropout, train, bidirectional)
    lstm_cell(input, hx, w_ih, w_hh, b_ih, b_hh)

What the core does not compute with goes to torch's operator, with the same arguments. Dropout
between layers draws the numbers that torch draws, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vartai.kernels import native, recorded
from vartai.kernels.layer_call import LayerCall
from vartai.kernels.reach import within_reach
from vartai.kernels.step import core_step

Results = tuple[Tensor, ...]


def _layers(cell: str, original: Callable[..., Results]) -> Callable[..., Results]:
    def run(*arguments: Any) -> Results:
        told = recorded.listener()
        if told is not None:
            found = recorded.record_layers(cell, arguments, told)
            if found is not None:
                return found
        call = LayerCall.of(cell, arguments)
        if call is None or not native.HAS_CORE or not within_reach(call.tensors()):
            return original(*arguments)
        outputs, final = call.run()
        return outputs, *final

    return run


def _step(cell: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Tensor, hx: Any, *weights: Tensor | None) -> Any:
        state = tuple(hx) if cell == "lstm" else (hx,)
        there = tuple(weight for weight in weights if weight is not None)
        told = recorded.listener()
        if told is not None:
            found = recorded.record_step(cell, x, state, there, told)
            return found if cell == "lstm" else found[0]
        final = core_step(cell, x, state, there)
        if final is None:
            return original(x, hx, *weights)
        return final if cell == "lstm" else final[0]

    return run


lstm = _layers("lstm", torch.lstm)
gru = _layers("gru", torch.gru)
rnn_tanh = _layers("rnn_tanh", torch.rnn_tanh)
rnn_relu = _layers("rnn_relu", torch.rnn_relu)
lstm_cell = _step("lstm", torch.lstm_cell)
gru_cell = _step("gru", torch.gru_cell)
rnn_tanh_cell = _step("rnn_tanh", torch.rnn_tanh_cell)
rnn_relu_cell = _step("rnn_relu", torch.rnn_relu_cell)
