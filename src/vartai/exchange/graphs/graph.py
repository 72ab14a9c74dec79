"""An ONNX graph under construction: nodes are added, and named by what they give.

Nothing is traced: every node is put there by a function that says what it means. The weights are
inside the model, so one file is the whole of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from vartai.errors import MissingExtra, RunError
from vartai.exchange.rounding import is_rounded, rounded_rows

OPSET = 22
_IR_VERSION = 10  # of the file; onnxruntime 1.20 and later read it
_MOST_BYTES = 2_000_000_000  # a protobuf message holds no more
Attributes = Mapping[str, Any]
Axes = list[str | int]

TYPES = {"float32": 1, "int32": 6, "int64": 7, "bool": 9}  # onnx.TensorProto's own numbers


class Graph:
    """A graph, or the body of a loop inside one.

    Args:
        name: of the graph.
        int8: whether large weights are stored in 8 bits.
        around: the graph whose body this is; None for a whole one.

    Raises:
        MissingExtra: the `onnx` package is not installed.

    Example:
        >>> graph = Graph("twice")
        >>> x = graph.take("x", "float32", ["N"])
        >>> graph.give("y", graph.add("Add", x, x), "float32", ["N"])
        >>> type(graph.model())
        <class 'bytes'>
    """

    def __init__(self, name: str, *, int8: bool = False, around: Graph | None = None) -> None:
        try:
            import onnx  # noqa: F401
        except ImportError as error:
            raise MissingExtra("An ONNX model", extra="onnx") from error
        self.name = name
        self.int8 = int8
        self._around = around
        self._serial: Iterator[int] = itertools.count() if around is None else around._serial
        self._nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._constants: list[Any] = []
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._parameters: dict[int, tuple[Tensor, str]] = {}
        self._eighths: dict[int, tuple[Tensor, str, str]] = {}

    def take(self, name: str, kind: str, shape: Sequence[str | int]) -> str:
        """An input of the graph: its name, type and axes, those that may vary by a name."""
        from onnx import helper

        self._inputs.append(helper.make_tensor_value_info(name, TYPES[kind], shape))
        return name

    def give(self, name: str, value: str, kind: str, shape: Sequence[str | int]) -> None:
        """Make a value an output under this name."""
        from onnx import helper

        self._outputs.append(helper.make_tensor_value_info(name, TYPES[kind], shape))
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def add(self, operator: str, *inputs: str, attributes: Attributes | None = None) -> str:
        """A node with one output, whose name is returned."""
        return self.add_several(operator, inputs, 1, attributes)[0]

    def add_several(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: int,
        attributes: Attributes | None = None,
    ) -> list[str]:
        """A node with several outputs, whose names are returned. ``""`` is an input left out."""
        from onnx import helper

        names = [f"{operator.lower()}_{next(self._serial)}" for _ in range(outputs)]
        node = helper.make_node(operator, list(inputs), names)
        for name, value in (attributes or {}).items():
            node.attribute.append(helper.make_attribute(name, value))
        self._nodes.append(node)
        return names

    def constant(self, value: NDArray[Any] | Tensor) -> str:
        """A constant; small ones that are equal are one. It is held by the outermost graph."""
        if self._around is not None:
            return self._around.constant(value)
        if isinstance(value, nn.Parameter):
            return self._held(value, lambda: self._named(value.detach().cpu().numpy()))
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        key = (array.dtype.name, array.shape, array.tobytes() if array.size < 64 else b"")
        if array.size < 64 and key in self._known:
            return self._known[key]
        self._known[key] = self._named(array)
        return self._known[key]

    def _named(self, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"constant_{next(self._serial)}"
        self._constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def _held(self, parameter: Tensor, make: Callable[[], str]) -> str:
        """A parameter that is used twice, as tied weights are, is there once."""
        # The parameter is kept, so that no other can come to have its identity.
        if id(parameter) not in self._parameters:
            self._parameters[id(parameter)] = (parameter, make())
        return self._parameters[id(parameter)][1]

    def numbers(self, *values: int) -> str:
        """A constant list of int64: axes, shapes, places."""
        return self.constant(np.array(values, np.int64))

    def weight(self, value: Tensor, *, like: Tensor) -> str:
        """Weights ``[…, D]``: in 8 bits with a scale a row where that was chosen, and worth it.

        Args:
            value: what the node wants.
            like: the parameter that it is made of, by whose size that is decided.
        """
        if self._around is not None:
            return self._around.weight(value, like=like)
        if not (self.int8 and is_rounded(like)):
            return self.constant(value)
        flat, scales = self._rounded(value)
        # Not DequantizeLinear: onnxruntime would round what is multiplied with such weights, too.
        rows = self.add("Cast", flat, attributes={"to": TYPES["float32"]})
        whole = self.add("Mul", rows, self.add("Unsqueeze", scales, self.numbers(1)))
        if value.dim() == 2:
            return whole
        return self.add("Reshape", whole, self.numbers(*value.shape))

    def look_up(self, table: Tensor, ids: str) -> str:
        """Rows of a table ``[V, D]`` for ids of any shape."""
        if not (self.int8 and is_rounded(table)):
            return self.add("Gather", self.constant(table), ids)
        flat, scales = self._rounded(table)
        rows = self.add("Cast", self.add("Gather", flat, ids), attributes={"to": TYPES["float32"]})
        scale = self.add("Gather", scales, ids)
        return self.add("Mul", rows, self.add("Unsqueeze", scale, self.numbers(-1)))

    def _rounded(self, value: Tensor) -> tuple[str, str]:
        """Whole numbers ``[n, D]`` and scales ``[n]``; a parameter that is used twice once."""
        if id(value) not in self._eighths:
            flat, scales = rounded_rows(value.reshape(-1, value.size(-1)))
            names = self.constant(flat), self.constant(scales)
            self._eighths[id(value)] = (value, *names)
        return self._eighths[id(value)][1:]

    def linear(
        self,
        rows: str,
        weight: Tensor,
        bias: Tensor | None,
        *,
        part: tuple[int, int] | None = None,
    ) -> str:
        """``[…, D]`` with a weight ``[n, D]`` to ``[…, n]``.

        Args:
            rows: to multiply.
            weight: whole.
            bias: ``[n]``, added; None for none.
            part: outputs from one to another alone; all of them if not given.
        """
        turned = self._turned(weight)
        if part is not None:
            low, high = part
            turned = self.slice(turned, self.numbers(low), self.numbers(high), 1)
            bias = None if bias is None else bias[low:high]
        product = self.add("MatMul", rows, turned)
        return product if bias is None else self.add("Add", product, self.constant(bias))

    def _turned(self, weight: Tensor) -> str:
        """``[n, D]`` as ``[D, n]``; runtimes do it once, when they open the model."""
        if self._around is not None:
            return self._around._turned(weight)
        whole = self.weight(weight, like=weight)
        return self.add("Transpose", whole, attributes={"perm": [1, 0]})

    def size(self, value: str, axis: int) -> str:
        """The length of an axis, int64 ``[1]``."""
        return self.add("Shape", value, attributes={"start": axis, "end": axis + 1})

    def join(self, values: Sequence[str], axis: int) -> str:
        """Put values side by side along an axis."""
        if len(values) == 1:
            return values[0]
        return self.add("Concat", *values, attributes={"axis": axis})

    def slice(self, value: str, begin: str, end: str, axis: int) -> str:
        """Part of an axis."""
        return self.add("Slice", value, begin, end, self.numbers(axis))

    def body(self) -> Any:
        """The graph as the body of a loop."""
        from onnx import helper

        return helper.make_graph(self._nodes, self.name, self._inputs, self._outputs)

    def model(self) -> bytes:
        """The whole model, checked and serialised.

        Raises:
            RunError: it would be larger than an ONNX file can be.
        """
        import onnx
        from onnx import helper

        held = sum(len(constant.raw_data) for constant in self._constants)
        if held > _MOST_BYTES:
            raise RunError(
                f"the weights take {held:,} bytes, an ONNX file holds at most {_MOST_BYTES:,}"
            )
        graph = helper.make_graph(
            self._nodes, self.name, self._inputs, self._outputs, self._constants
        )
        model = helper.make_model(
            graph,
            producer_name="vartai",
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model)
        serialised: bytes = model.SerializeToString()
        return serialised
