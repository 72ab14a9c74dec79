"""Classes for accelerated layers: torch's own forward methods, with other operators under them.

`torch.nn.LSTM.forward` and its kin check inputs and states, then call an operator of the global
`_VF`. The same code with our operators in its place checks, permutes and complains as torch does.

    class nn.LSTM                              class Theirs(nn.LSTM)
    └── LSTM: forward with our operators       └── Theirs(Theirs, LSTM above)

The second is found by ``super().forward`` below a forward method that somebody else wrote, because
it stands between `Theirs` and `nn.LSTM` in the order of resolution.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from torch import nn

from vartai.kernels import operators

TORCH_LAYERS = (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell)

# The class attribute of accelerated classes, and of nothing else, that holds the class before.
_ORIGINAL = "_vartai_original"
# What Python itself calls to make a copy before it fills it.
_NEW_OBJECT = object().__reduce_ex__(2)[0]


def torch_layer(of: type) -> type[nn.Module] | None:
    """The one of `TORCH_LAYERS` that a class is or descends from."""
    return next((layer for layer in TORCH_LAYERS if issubclass(of, layer)), None)


def original_class(of: type) -> type[nn.Module] | None:
    """What an accelerated class was made from; None for any other class."""
    found: type[nn.Module] | None = vars(of).get(_ORIGINAL)
    return found


_made: dict[type, type[nn.Module]] = {}


def accelerated_class(original: type[nn.Module]) -> type[nn.Module]:
    """The subclass that computes through Vartai; one for each class, with its name and module.

    Raises:
        TypeError: Python cannot derive from the class.
    """
    if original not in _made:
        _made[original] = _make(original)
    return _made[original]


def _make(original: type[nn.Module]) -> type[nn.Module]:
    layer = torch_layer(original)
    if layer is None:
        raise TypeError(f"{original.__name__} is not a recurrent layer of torch")
    if original is layer:
        body = {"forward": _on_our_operators(layer.forward), "__reduce_ex__": _reduce_ex}
        return _derived(original, (original,), body)
    return _derived(original, (original, accelerated_class(layer)), {})


def _derived(
    original: type[nn.Module], bases: tuple[type[nn.Module], ...], body: dict[str, Any]
) -> type[nn.Module]:
    names = {name: getattr(original, name) for name in ("__module__", "__qualname__", "__doc__")}
    contents = {**names, **body, _ORIGINAL: original}
    return types.new_class(original.__name__, bases, exec_body=lambda into: into.update(contents))


def _on_our_operators(forward: Callable[..., Any]) -> types.FunctionType:
    """The same code, in which `_VF` means `vartai.kernels.operators`."""
    if not isinstance(forward, types.FunctionType):
        raise TypeError(f"{forward!r} is not a plain function")
    ours = types.FunctionType(
        forward.__code__,
        {**forward.__globals__, "_VF": operators},
        forward.__name__,
        forward.__defaults__,
        forward.__closure__,
    )
    ours.__doc__, ours.__qualname__ = forward.__doc__, forward.__qualname__
    return ours


def _reduce_ex(self: nn.Module, protocol: int) -> Any:
    """For copies and saved models: made anew by the class before, which can be found by name."""
    reduced = nn.Module.__reduce_ex__(self, protocol)
    original = original_class(type(self))
    if original is None or reduced[0] is not _NEW_OBJECT:
        return reduced
    return _blank, (original,), *reduced[2:]


def _blank(original: type[nn.Module]) -> nn.Module:
    made = accelerated_class(original)
    return made.__new__(made)
