"""Nobody's speed counts before results agree."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from vartai.errors import RunError
from vartai.measure.entrant import Entrant

# Of each number, and of the largest of its tensor: float32 sums in different orders over a hundred
# steps differ by some 1e-6; a gate in the wrong place by 1e-1.
_OF_ITSELF, OF_LARGEST = 1e-3, 1e-4
# A layer-normalised LSTM lets such differences grow, to some 1e-4 in either of two right ways.
OF_LARGEST_NORMALISED = 2e-3


def require_agreement(
    case: str, entrants: Mapping[str, Entrant], judge: str, *, of_largest: float = OF_LARGEST
) -> None:
    """Compare what everyone computed with what one of them did.

    Args:
        case: name to complain with.
        entrants: everyone, by name.
        judge: name of the one compared with.
        of_largest: difference allowed, as a share of the largest number of a tensor.

    Raises:
        RunError: names the first tensor that differs, whose it is and by how much.
    """
    true = entrants[judge].results()
    for name, entrant in entrants.items():
        if name == judge:
            continue
        for tensor, found in entrant.results().items():
            if tensor not in true:  # a weight that only this one has
                continue
            largest = float(true[tensor].abs().max())
            close = found.shape == true[tensor].shape and torch.allclose(
                found, true[tensor], rtol=_OF_ITSELF, atol=of_largest * largest
            )
            if not close:
                raise RunError(
                    f"{case}: {tensor} of {name} differ from those of {judge} "
                    f"({_difference(found, true[tensor])}); no speed is reported"
                )


def _difference(found: torch.Tensor, true: torch.Tensor) -> str:
    if found.shape != true.shape:
        return f"{list(found.shape)} in place of {list(true.shape)}"
    return (
        f"by {float((found - true).abs().max()):.2g}, the largest is {float(true.abs().max()):.2g}"
    )
