"""Where a captioner looked, as a file: numbers, or a picture of pictures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from torch import Tensor

from vartai.errors import OptionError, SaveError
from vartai.tasks.caption.task import Looks

_KINDS = (".json", ".png")


def require_look_file(path: Path) -> None:
    """Refuse a name that ends in neither way, before anything is computed.

    Raises:
        OptionError: names the known ones.
    """
    if path.suffix.lower() not in _KINDS:
        raise OptionError(
            f"{path}: expected a name that ends in one of {', '.join(_KINDS)}, found "
            f"{path.suffix!r}"
        )


def write_looks(looks: Looks, picture: Tensor, caption: str, path: Path) -> None:
    """Write the file.

    Args:
        looks: where it looked.
        picture: uint8 ``[3, S, S]``; only a .json can do with annotations.
        caption: the sentence.
        path: of the file.

    Raises:
        OptionError: there is nothing to paint on.
        SaveError: it could not be written.
    """
    if path.suffix.lower() == ".png":
        raw = _painted(looks, picture, caption)
    else:
        raw = json.dumps({"caption": caption, **asdict(looks)}, ensure_ascii=False).encode()
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise SaveError(f"{path}: cannot be written: {error.strerror}") from error
