"""Depth-gated LSTM layers: the equations in a loop, the definition, and what a trace shows."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vartai.kernels.reference.depth_gated_lstm import DepthGatedState, depth_gated_step
from vartai.nn import LSTM, DepthGatedLSTM
from vartai.sequences import SequenceBatch

D, H = 3, 5
LENGTHS = torch.tensor([4, 0, 7, 1])


def build(**options: object) -> DepthGatedLSTM:
    torch.manual_seed(1)
    layer = DepthGatedLSTM(D, H, **options).double()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(0.6 * torch.randn_like(parameter))
    return layer


def by_equations(
    layer: DepthGatedLSTM,
    suffix: str,
    rows: Tensor,
    lower: Tensor | None,
    start: tuple[Tensor, ...],
) -> tuple[Tensor, Tensor]:
    """Hidden states and cells of one sequence in one layer and direction, ``[T, H]`` each."""

    def own(name: str) -> Tensor:
        return layer.get_parameter(f"{name}_{suffix}")

    def blocks(name: str, count: int) -> list[Tensor]:
        return [own(name)[place * H : (place + 1) * H] for place in range(count)]

    w, r, b = blocks("weight_ih", 4), blocks("weight_hh", 4), blocks("bias_ih", 4)
    p_i, p_f, p_o = blocks("peephole", 3)
    h, c = start
    found = []
    for t, x in enumerate(rows):
        i = torch.sigmoid(w[0] @ x + r[0] @ h + p_i * c + b[0])
        f = torch.sigmoid(w[1] @ x + r[1] @ h + p_f * c + b[1])
        g = torch.tanh(w[2] @ x + r[2] @ h + b[2])
        new = f * c + i * g
        if lower is not None:
            w_cd, w_ld = blocks("peephole_depth", 2)
            d = own("weight_depth") @ x + own("bias_depth") + w_cd * c + w_ld * lower[t]
            new = new + torch.sigmoid(d) * lower[t]
        c = new
        h = torch.sigmoid(w[3] @ x + r[3] @ h + p_o * c + b[3]) * torch.tanh(c)
        found.append(torch.cat([h, c]))
    both = torch.stack(found) if found else rows.new_zeros(0, 2 * H)
    return both[:, :H], both[:, H:]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["f64", "f32"])
def test_layers_are_the_equations(dtype: torch.dtype) -> None:
    exact = build(num_layers=3, bidirectional=True)
    layer = build(num_layers=3, bidirectional=True).to(dtype)
    batch = SequenceBatch(torch.randn(int(LENGTHS.sum()), D).double(), LENGTHS)
    start = tuple(torch.randn(6, len(LENGTHS), H).double() for _ in range(2))
    given = tuple(part.to(dtype) for part in start)
    outputs, final = layer(batch.with_data(batch.data.to(dtype)), given)
    close = {"rtol": 1e-9, "atol": 1e-9} if dtype == torch.float64 else {"rtol": 0, "atol": 5e-5}
    for place, rows in enumerate(batch.split()):
        lower: list[Tensor | None] = [None, None]
        for number in range(3):
            hidden = []
            for way, suffix in enumerate([f"l{number}", f"l{number}_reverse"]):
                begun = tuple(part[2 * number + way, place] for part in start)
                below = lower[way]
                if way:
                    below = None if below is None else below.flip(0)
                    h, c = by_equations(exact, suffix, rows.flip(0), below, begun)
                else:
                    h, c = by_equations(exact, suffix, rows, below, begun)
                last = (h[-1], c[-1]) if len(h) else begun
                for part, end in zip(final, last, strict=True):
                    torch.testing.assert_close(part[2 * number + way, place].double(), end, **close)
                hidden.append(h.flip(0) if way else h)
                lower[way] = c.flip(0) if way else c
            rows = torch.cat(hidden, 1)
        torch.testing.assert_close(outputs.split()[place].double(), rows, **close)


def test_layers_are_the_definition_step_by_step() -> None:
    layer = build(num_layers=2, bias=False, peepholes=False)
    inputs = torch.randn(6, 2, D).double()
    outputs, _ = layer(inputs)
    zeros = torch.zeros(2, H).double()
    states = [DepthGatedState(zeros, zeros)] * 2
    for x, wanted in zip(inputs, outputs, strict=True):
        states[0] = depth_gated_step(x, None, states[0], layer.direction_weights("l0"))
        low = states[0]
        upper = layer.direction_weights("l1")
        states[1] = depth_gated_step(low.hidden, low.cell, states[1], upper)
        torch.testing.assert_close(states[1].hidden, wanted)


def test_one_layer_is_an_lstm_with_peepholes() -> None:
    layer, plain = build(), LSTM(D, H, peepholes=True).double()
    own = layer.state_dict()
    plain.load_state_dict(own | {"bias_hh_l0": torch.zeros(4 * H)})
    inputs = torch.randn(6, 2, D).double()
    (outputs, state), (wanted, end) = layer(inputs), plain(inputs)
    torch.testing.assert_close(outputs, wanted)
    torch.testing.assert_close(tuple(state), end)


def test_a_shut_depth_gate_leaves_stacked_lstms() -> None:
    layer, plain = build(num_layers=2), LSTM(D, H, 2, peepholes=True).double()
    with torch.no_grad():
        for name in ("weight_depth_l1", "peephole_depth_l1"):
            layer.get_parameter(name).zero_()
        layer.bias_depth_l1.fill_(-100.0)  # type: ignore[operator, union-attr]
    kept = {name: value for name, value in layer.state_dict().items() if "depth" not in name}
    plain.load_state_dict(kept | {f"bias_hh_l{n}": torch.zeros(4 * H) for n in (0, 1)})
    inputs = torch.randn(6, 2, D).double()
    torch.testing.assert_close(layer(inputs)[0], plain(inputs)[0])


def test_every_gradient_is_that_of_finite_differences() -> None:
    layer = build(num_layers=2)
    names = list(layer.state_dict())
    inputs = torch.randn(3, 2, D).double().requires_grad_()
    start = [torch.randn(2, 2, H).double().requires_grad_() for _ in range(2)]
    parameters = [parameter.detach().requires_grad_() for parameter in layer.parameters()]

    def run(inputs: Tensor, hidden: Tensor, cell: Tensor, *parameters: Tensor) -> tuple:
        given = dict(zip(names, parameters, strict=True))
        lengths = {"lengths": torch.tensor([3, 2])}
        outputs, final = torch.func.functional_call(layer, given, (inputs, (hidden, cell)), lengths)
        return outputs, *final

    assert torch.autograd.gradcheck(run, (inputs, *start, *parameters), fast_mode=True)


def test_a_trace_holds_every_gate_and_makes_up_the_states() -> None:
    layer = build(num_layers=2, bidirectional=True)
    batch = SequenceBatch(torch.randn(int(LENGTHS.sum()), D).double(), LENGTHS)
    outputs, _, traces = layer(batch, trace=True)
    torch.testing.assert_close(outputs.data, layer(batch)[0].data)
    assert list(traces["l0"].gates) == ["input", "forget", "candidate", "output"]
    for suffix in ("l1", "l1_reverse"):
        own, lower = traces[suffix], traces[suffix.replace("1", "0")]
        assert list(own.gates) == ["input", "forget", "candidate", "output", "depth"]
        gate = {name: rows.data for name, rows in own.gates.items()}
        before = []
        for cells in own.cell.split():
            zero = cells.new_zeros(min(1, len(cells)), H)
            back = suffix.endswith("reverse")
            before.append(torch.cat([cells[1:], zero] if back else [zero, cells[:-1]]))
        cell = gate["forget"] * torch.cat(before) + gate["input"] * gate["candidate"]
        cell = cell + gate["depth"] * lower.cell.data
        torch.testing.assert_close(cell, own.cell.data)
        torch.testing.assert_close(gate["output"] * torch.tanh(cell), own.hidden.data)


def test_chunks_single_steps_and_traced_graphs_compute_the_same() -> None:
    layer = build(num_layers=2)
    inputs = torch.randn(7, 2, D).double()
    outputs, final = layer(inputs)
    first, state = layer(inputs[:3])
    second, last = layer(inputs[3:], state)
    torch.testing.assert_close(torch.cat([first, second]), outputs)
    torch.testing.assert_close(tuple(last), tuple(final))
    state = None
    for x, wanted in zip(inputs, outputs, strict=True):
        row, state = layer.step(x, state)
        torch.testing.assert_close(row, wanted)
    lengths = torch.tensor([7, 4])
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    for one, other in zip(
        compiled(inputs, lengths=lengths), layer(inputs, lengths=lengths), strict=True
    ):
        torch.testing.assert_close(one, other)


def test_dropout_spares_the_cells_and_acts_in_training_only() -> None:
    layer = build(num_layers=2, dropout=0.999)
    inputs = torch.randn(5, 3, D).double()
    torch.manual_seed(0)
    dropped, _, traces = layer(inputs, trace=True)
    depth = layer.direction_weights("l1").depth
    assert depth is not None
    cell = traces["l1"].cell
    before = torch.cat([torch.zeros(1, 3, H).double(), cell[:-1]])
    p_c, p_l = depth.peephole.chunk(2)
    sums = depth.bias + p_c * before + p_l * traces["l0"].cell  # no hidden state came through
    torch.testing.assert_close(traces["l1"].gates["depth"], torch.sigmoid(sums))
    layer.eval()
    assert torch.equal(layer(inputs)[0], layer(inputs)[0])
    assert not torch.allclose(layer(inputs)[0], dropped)


def test_what_differs_from_the_defaults_is_shown() -> None:
    assert repr(DepthGatedLSTM(3, 5)) == "DepthGatedLSTM(3, 5)"
    said = repr(DepthGatedLSTM(3, 5, 2, peepholes=False))
    assert said == "DepthGatedLSTM(3, 5, num_layers=2, peepholes=False)"
    assert not any("bias" in name for name in build(num_layers=2, bias=False).state_dict())
    with pytest.raises(ValueError, match=r"hx: hidden must be \[1, 2, 5\], was \[1, 3, 5\]"):
        build()(torch.zeros(4, 2, D).double(), (torch.zeros(1, 3, H),) * 2)
