"""The compiled core; its source is csrc/. Addresses are those of contiguous float32, 0 is none."""

from torch import Tensor

INTERFACE: int

class Rows:
    def __init__(self, lengths: int, count: int, *, reverse: bool, groups: int) -> None: ...
    @property
    def total(self) -> int: ...

def forward(
    rows: Rows,
    kind: int,
    *,
    input_size: int,
    hidden_size: int,
    threads: int,
    tape: bool,
    data: int,
    input_weights: int,
    weights: int,
    input_bias: int,
    bias: int,
    hidden: int,
    cell: int,
    gates: int,
    outputs: int,
    kept: int,
    final_hidden: int,
    final_cell: int,
) -> None: ...
def backward(
    rows: Rows,
    kind: int,
    *,
    input_size: int,
    hidden_size: int,
    threads: int,
    data: int,
    input_weights: int,
    weights: int,
    hidden: int,
    cell: int,
    gates: int,
    outputs: int,
    kept: int,
    d_outputs: int,
    d_final_hidden: int,
    d_final_cell: int,
    d_data: int,
    d_hidden: int,
    d_cell: int,
    d_input_weights: int,
    d_weights: int,
    d_input_bias: int,
    d_bias: int,
) -> None: ...
def scan_forward(
    rows: Rows,
    kind: int,
    *,
    hidden_size: int,
    stride: int,
    threads: int,
    inputs: list[int],
    recurrent: int,
    hidden: int,
    outputs: int,
    final_hidden: int,
) -> None: ...
def scan_backward(
    rows: Rows,
    kind: int,
    *,
    hidden_size: int,
    stride: int,
    threads: int,
    inputs: list[int],
    recurrent: int,
    hidden: int,
    outputs: int,
    d_outputs: int,
    d_final_hidden: int,
    d_inputs: list[int],
    d_hidden: int,
    d_recurrent: int,
) -> None: ...
def multiply_add(count: int, *, threads: int) -> None: ...
def instruction_sets() -> list[str]: ...
def instruction_set() -> str: ...
def use_instruction_set(name: str) -> None: ...
def read_tensors_by(exchange: object, tensor: type, parameter: type) -> None: ...
def step(
    kind: int,
    threads: int,
    data: Tensor,
    state: tuple[Tensor, ...],
    weights: tuple[Tensor, ...],
    after: tuple[Tensor, ...],
    tape: tuple[Tensor, ...],
) -> bool: ...
def step_back(
    kind: int,
    *,
    rows: int,
    hidden_size: int,
    gates: int,
    kept: int,
    hidden: int,
    cell: int,
    next_hidden: int,
    d_next_hidden: int,
    d_next_cell: int,
    d_sums: int,
    d_hidden: int,
    d_cell: int,
) -> None: ...

class PreparedCell:
    def __init__(
        self,
        kind: int,
        *,
        input_size: int,
        hidden_size: int,
        bfloat16: bool,
        input_weights: int,
        weights: int,
        input_bias: int,
        bias: int,
    ) -> None: ...
    def step(
        self,
        threads: int,
        data: Tensor,
        state: tuple[Tensor, ...],
        after: tuple[Tensor, ...],
    ) -> bool: ...

class RowForm:
    def __init__(
        self,
        cell: int,
        *,
        gates: int,
        activation: int,
        shown_activation: int,
        input_gain: int,
        input_bias: int,
        bias: int,
        gain: int,
        peephole: int,
        cell_gain: int,
        cell_bias: int,
        recurrent: int,
        zoneout_hidden: int,
        zoneout_cell: int,
        zoneout_hidden_stride: int,
        zoneout_cell_stride: int,
        depth_peephole: int = 0,
    ) -> None: ...

def row_forward(
    rows: Rows,
    form: RowForm,
    *,
    hidden_size: int,
    state_size: int,
    threads: int,
    inputs: int,
    weights: int,
    after: int,
    hidden: int,
    cell: int,
    outputs: int,
    gates: int,
    sums: int,
    cells: int,
    final_hidden: int,
    final_cell: int,
    depth: int = 0,
    below: int = 0,
) -> None: ...
def row_backward(
    rows: Rows,
    form: RowForm,
    *,
    hidden_size: int,
    state_size: int,
    threads: int,
    inputs: int,
    weights: int,
    after: int,
    hidden: int,
    cell: int,
    outputs: int,
    gates: int,
    sums: int,
    cells: int,
    d_outputs: int,
    d_final_hidden: int,
    d_final_cell: int,
    d_inputs: int,
    d_hidden: int,
    d_cell: int,
    d_weights: int,
    d_after: int,
    d_parts: int,
    depth: int = 0,
    below: int = 0,
    d_cells: int = 0,
    d_depth: int = 0,
    d_below: int = 0,
) -> None: ...
def product(
    left: int, weights: int, out: int, *, rows: int, depth: int, columns: int, threads: int
) -> None: ...
