"""Read a bundle from disk, believing nothing that it says before it is checked.

Only the five files are opened, each as a regular file of bounded size and never through a link, so
nothing in a bundle can point elsewhere, block, or ask for more memory than its own size.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from vartai.bundle.contents import (
    CARD,
    CONFIG,
    LARGEST,
    METRICS,
    TOKENIZER,
    WEIGHTS,
    BundleContents,
    parse_config,
    parse_files,
    require_size,
)
from vartai.bundle.weights_layout import HEAD, require_layout
from vartai.errors import BundleError

# Ends of file names under which pickled models travel.
PICKLED = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib", ".dill")

_OPEN_SAFELY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def read_bundle(folder: str | Path) -> BundleContents:
    """Read and check a saved model.

    Args:
        folder: the bundle. Files in it that are not part of a bundle are left alone.

    Returns:
        Its contents; arrays are writable and owned by the caller.

    Raises:
        BundleError: not a bundle, or one that is damaged, hostile, or of another version; the text
            names the file and the fault.
    """
    folder = Path(folder)
    _require_folder(folder)
    _refuse_pickles(folder)
    # The configuration first: what is no bundle, or a newer one, is best told as that.
    raw_config = _read_file(folder, CONFIG)
    parse_config(raw_config, place=str(folder / CONFIG))
    files = {CONFIG: raw_config}
    for name in (TOKENIZER, METRICS, CARD, WEIGHTS):
        files[name] = _read_file(folder, name)
    return parse_files(files, place=f"{folder}{os.sep}")


def previous_place(folder: Path) -> Path:
    """Where a save puts the old bundle for the instant in which the new one takes its name."""
    return folder.with_name(f".{folder.name}.previous")


def _require_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if folder.exists():
        raise BundleError(f"{folder}: a bundle is a folder, this is a file")
    kept = previous_place(folder.absolute())
    if kept.is_dir():
        raise BundleError(
            f"{folder}: not there, because a save was cut off; the model before it is whole, "
            f"under the name {kept}: rename it to {folder.name}"
        )
    raise BundleError(f"{folder}: no such folder")


def _refuse_pickles(folder: Path) -> None:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.lower().endswith(PICKLED):
                    raise BundleError(
                        f"{folder / entry.name}: a pickled file, which could run code, has no "
                        "place in a bundle; remove it if the bundle is to be trusted"
                    )
    except OSError as error:
        raise BundleError(f"{folder}: cannot be read: {error.strerror}") from error


def _read_file(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        if path.is_symlink():
            raise BundleError(f"{path}: a link; the files of a bundle must lie in its folder")
        with os.fdopen(os.open(path, _OPEN_SAFELY), "rb") as stream:
            return _read_stream(stream, name, path)
    except FileNotFoundError as error:
        raise BundleError(f"{path}: missing") from error
    except OSError as error:
        raise BundleError(f"{path}: cannot be read: {error.strerror}") from error


def _read_stream(stream: BinaryIO, name: str, path: Path) -> bytes:
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise BundleError(f"{path}: not an ordinary file")
    require_size(status.st_size, name, place=str(path))
    if name == WEIGHTS:
        require_layout(stream.read(HEAD), size=status.st_size, place=str(path))
        stream.seek(0)
    # One byte more than allowed would show a file that grew after it was measured.
    raw = stream.read(min(status.st_size, LARGEST[name]) + 1)
    if len(raw) != status.st_size:
        raise BundleError(f"{path}: changed while it was read")
    return raw
