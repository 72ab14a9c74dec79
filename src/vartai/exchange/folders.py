"""Write a folder of files whole: beside its place first, then renamed into it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from vartai.errors import OptionError, SaveError


def require_place(folder: Path, known: frozenset[str]) -> None:
    """Refuse a place where a folder must not be written.

    Args:
        folder: where. Absent, empty, or holding nothing but the files of an earlier export is well.
        known: names of such files.

    Raises:
        OptionError: something else stands there.
    """
    if not folder.exists():
        return
    if folder.is_dir() and all(entry.name in known for entry in folder.iterdir()):
        return
    raise OptionError(
        f"{folder} is there and holds other things than an export, so it is not written over; "
        "choose another name or remove it"
    )


def write_folder(folder: Path, files: Mapping[str, bytes], known: frozenset[str]) -> None:
    """Write all of it; what was there before is replaced when the new files are complete.

    Raises:
        OptionError: something that is no export stands there.
        SaveError: it could not be written.
    """
    folder = folder.resolve()
    require_place(folder, known)
    fresh = folder.with_name(f".{folder.name}.new-{secrets.token_hex(4)}")
    old = folder.with_name(f".{folder.name}.old-{secrets.token_hex(4)}")
    try:
        fresh.mkdir(parents=True)
        for name, raw in files.items():
            (fresh / name).write_bytes(raw)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError as error:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise SaveError(f"{folder}: could not be written: {error.strerror}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
