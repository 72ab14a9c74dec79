"""How large pictures may be, and how many places of them can be looked at."""

from __future__ import annotations

from typing import Final

from vartai.errors import OptionError, require_range

LARGEST_SIZE: Final = 1024  # pixels a side
PATCH: Final = 4  # pixels a side of what an encoder reads as one
MOST_POSITIONS: Final = 1024
MOST_NUMBERS: Final = 1 << 14  # of an annotation


def halvings(picture_size: int, side: int) -> int:
    """How often the patches of a picture are halved."""
    require_range("side", side, at_least=1)
    require_range("picture_size", picture_size, at_least=1, below=LARGEST_SIZE + 1)
    patches = picture_size // PATCH
    halvings = (patches // side).bit_length() - 1
    if halvings < 0 or PATCH * side << halvings != picture_size:
        fits = [patches >> n for n in range(9) if not picture_size % (PATCH << n)]
        known = ", ".join(map(str, fits)) or "none: its size is no multiple of 4"
        raise OptionError(
            f"a picture of {picture_size} pixels cannot be halved down to {side} places a side; "
            f"possible: {known}"
        )
    if side * side > MOST_POSITIONS:
        raise OptionError(f"expected at most {MOST_POSITIONS} annotations, found {side * side}")
    return halvings
