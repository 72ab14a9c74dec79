"""The LSTM of Greff et al. 2017 and its eight variants, against their equations in a loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.nn import LSTM, GateRecurrentLSTM, RecurrentLayers
from vartai.sequences import SequenceBatch

D, H = 3, 5
LENGTHS = [4, 0, 7, 1]

# By the paper's names. Its vanilla LSTM has peepholes, and so have the variants but NP.
VARIANTS: dict[str, dict[str, Any]] = {
    "V": {},
    "NIG": {"without": ("input",)},
    "NFG": {"without": ("forget",)},
    "NOG": {"without": ("output",)},
    "NIAF": {"candidate_activation": "identity"},
    "NOAF": {"output_activation": "identity"},
    "NP": {"peepholes": False},
    "CIFG": {"coupled": True},
    "FGR": {},
}
# The order of the blocks of weights, in the paper's letters; z is the candidate.
LETTERS = {"NIG": "fzo", "NFG": "izo", "NOG": "ifz", "CIFG": "izo"}


def build(variant: str, *, bidirectional: bool = False) -> RecurrentLayers:
    torch.manual_seed(1)
    options = {"peepholes": True, "bidirectional": bidirectional} | VARIANTS[variant]
    kind = GateRecurrentLSTM if variant == "FGR" else LSTM
    layer: RecurrentLayers = kind(D, H, dtype=torch.float64, **options)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(0.6 * torch.randn_like(parameter))
    return layer


def by_equations(
    variant: str, weights: Mapping[str, Tensor], rows: Tensor, start: tuple[Tensor, ...]
) -> tuple[list[Tensor], list[Tensor]]:
    """Outputs y of one sequence, and its cell and gates at the end: section 2 of the paper."""
    letters = LETTERS.get(variant, "ifzo")
    gates = letters.replace("z", "")

    def blocks(name: str, names: str) -> dict[str, Tensor]:
        return dict(zip(names, weights[name].chunk(len(names)), strict=True))

    w, r = blocks("weight_ih", letters), blocks("weight_hh", letters)
    b = {k: blocks("bias_ih", letters)[k] + blocks("bias_hh", letters)[k] for k in letters}
    p = dict.fromkeys("ifo", torch.zeros(H).double())
    if variant != "NP":
        p |= blocks("peephole", gates)
    one = torch.ones(H).double()
    y, c = start[:2]
    before = dict(zip("ifo", start[2].chunk(3), strict=True)) if variant == "FGR" else {}
    found = []

    def opened(gate: str, x: Tensor, cell: Tensor) -> Tensor:
        if gate not in letters:
            return one
        total = w[gate] @ x + r[gate] @ y + p[gate] * cell + b[gate]
        if variant == "FGR":
            to = weights["weight_gg"].chunk(3)["ifo".index(gate)]
            for place, of in enumerate("ifo"):
                total = total + to[:, place * H : (place + 1) * H] @ before[of]
        return 1 / (1 + torch.exp(-total))

    for x in rows:
        z = w["z"] @ x + r["z"] @ y + b["z"]
        z = z if variant == "NIAF" else torch.tanh(z)
        i = opened("i", x, c)
        f = one - i if variant == "CIFG" else opened("f", x, c)
        c = z * i + c * f
        o = opened("o", x, c)
        y = (c if variant == "NOAF" else torch.tanh(c)) * o
        before = {"i": i, "f": f, "o": o}
        found.append(y)
    last = [y, c, torch.cat(list(before.values()))] if variant == "FGR" else [y, c]
    return found, last


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["f64", "f32"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_is_its_equations(variant: str, dtype: torch.dtype) -> None:
    layer = build(variant, bidirectional=True)
    batch = SequenceBatch(torch.randn(sum(LENGTHS), D).double(), torch.tensor(LENGTHS))
    start = tuple(torch.randn(2, len(LENGTHS), size).double() for size in layer.state_sizes)
    exact = dict(layer.named_parameters())
    layer = build(variant, bidirectional=True).to(dtype)
    outputs, final = layer(
        batch.with_data(batch.data.to(dtype)), tuple(part.to(dtype) for part in start)
    )
    close = {"rtol": 1e-9, "atol": 1e-9} if dtype == torch.float64 else {"rtol": 0, "atol": 2e-5}
    for place, rows in enumerate(batch.split()):
        own = outputs.split()[place].double()
        for direction, suffix in enumerate(["l0", "l0_reverse"]):
            weights = {
                name.removesuffix(f"_{suffix}"): value
                for name, value in exact.items()
                if name.endswith(f"_{suffix}")
            }
            begun = tuple(part[direction, place] for part in start)
            turned = rows.flip(0) if direction else rows
            found, last = by_equations(variant, weights, turned, begun)
            wanted = torch.stack(found) if found else rows.new_zeros(0, H)
            wanted = wanted.flip(0) if direction else wanted
            seen = own[:, direction * H : (direction + 1) * H]
            torch.testing.assert_close(seen, wanted, **close)
            for part, end in zip(final, last, strict=True):
                torch.testing.assert_close(part[direction, place].double(), end, **close)


def test_a_gate_that_is_not_there_has_no_weights_and_no_trace() -> None:
    layer = build("NFG")
    assert layer.weight_ih_l0.shape == (3 * H, D)
    assert layer.peephole_l0.shape == (2 * H,)
    _, _, trace = layer(torch.randn(4, 2, D).double(), trace=True)
    assert list(trace["l0"].gates) == ["input", "candidate", "output"]
    assert list(build("CIFG")(torch.randn(4, 2, D).double(), trace=True)[2]["l0"].gates) == [
        "input",
        "forget",
        "candidate",
        "output",
    ]


def test_recurrent_gates_go_on_from_where_a_chunk_ended() -> None:
    layer = build("FGR")
    inputs = torch.randn(9, 2, D).double()
    outputs, final = layer(inputs)
    first, state = layer(inputs[:4])
    second, last = layer(inputs[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), outputs)
    torch.testing.assert_close(tuple(last), tuple(final))
    trace = layer(inputs, trace=True)[2]["l0"].gates
    gates = [trace[gate][-1] for gate in ("input", "forget", "output")]
    torch.testing.assert_close(final.gates[0], torch.cat(gates, 1))


def test_a_form_is_one_value_however_it_is_asked_for() -> None:
    plain = LSTM(D, H).form
    assert LSTM(D, H, candidate_activation="tanh", output_activation="tanh").form == plain
    assert (
        LSTM(D, H, activation="elu", output_activation="tanh").form
        == LSTM(D, H, candidate_activation="elu").form
    )
    both = LSTM(D, H, without=("output", "input"))
    assert both.form == LSTM(D, H, without=("input", "output")).form
    assert repr(both) == "LSTM(3, 5, without=('input', 'output'))"
    said = repr(LSTM(D, H, peepholes=True, output_activation="identity"))
    assert said == "LSTM(3, 5, peepholes=True, output_activation='identity')"
    assert repr(GateRecurrentLSTM(D, H, 2)) == "GateRecurrentLSTM(3, 5, num_layers=2)"


def test_options_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(OptionError, match="coupled makes the forget gate of the input gate"):
        LSTM(D, H, coupled=True, without=("input",))
    with pytest.raises(OptionError, match="unknown gate to do without 'cell'; known: forget, inp"):
        LSTM(D, H, without=("cell",))
    with pytest.raises(OptionError, match="without must be a tuple of gates, such as"):
        LSTM(D, H, without="input")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="peepholes needs a gate; without=.* leaves none"):
        LSTM(D, H, peepholes=True, without=("input", "forget", "output"))
    with pytest.raises(OptionError, match="gate_recurrence is not defined with layer_norm"):
        GateRecurrentLSTM(D, H, layer_norm=True)
    with pytest.raises(OptionError, match="gate_recurrence needs a gate"):
        GateRecurrentLSTM(D, H, without=("input", "forget", "output"))
    with pytest.raises(OptionError, match="unknown activation 'tan'.*Did you mean 'tanh'"):
        LSTM(D, H, output_activation="tan")
    with pytest.raises(ValueError, match=r"hx: gates must be \[1, 2, 15\], was \[1, 2, 5\]"):
        GateRecurrentLSTM(D, H)(torch.zeros(4, 2, D), (torch.zeros(1, 2, H),) * 3)
