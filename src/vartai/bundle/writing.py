"""Save a bundle so that a full disk or a kill at any moment leaves the old one whole.

The new files are written beside the place, flushed to the disk, and only then renamed into it. See
`docs/decisions/0003-a-bundle-is-a-folder.md`.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from vartai.bundle.contents import CONFIG, FORMAT, LARGEST, BundleContents, compose_files
from vartai.bundle.reading import previous_place
from vartai.bundle.strict_json import parse_object
from vartai.errors import BundleError, OptionError, SaveError


def write_bundle(folder: str | Path, contents: BundleContents) -> None:
    """Save a trained task, in place of the bundle that may be there.

    Other files in the folder stay. When this returns, the bundle is on the disk.

    Args:
        folder: where; missing parents are made.
        contents: what; checked as if it were being read.

    Raises:
        OptionError: something that is not a bundle stands at `folder`.
        SaveError: contents that no reader would accept, a full disk, a place that cannot be
            written; the text says what is still intact.
    """
    folder = Path(folder).resolve()
    require_bundle_place(folder)
    try:
        files = compose_files(contents)
    except BundleError as error:
        raise SaveError(f"{folder}: not saved: {error}. {_intact(folder)}") from error
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _finish_earlier_save(folder)
        fresh = _write_beside(folder, files)
    except OSError as error:
        raise _save_error(folder, error) from error
    try:
        _swap(fresh, folder)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise _save_error(folder, error) from error
    try:
        _flush_folder(folder.parent)
        _retire(previous_place(folder), folder)
    except OSError as error:
        raise SaveError(
            f"{folder}: saved, but tidying up failed: {error.strerror}. "
            f"The model before it may still be in {previous_place(folder)}."
        ) from error


def require_bundle_place(folder: str | Path) -> None:
    """Refuse a place where a bundle must not be written; worth asking before long work.

    Args:
        folder: where a bundle is to be saved. Absent, empty, or an earlier bundle is well.

    Raises:
        OptionError: a file, or a folder with other things in it, stands there.
    """
    folder = Path(folder)
    if not folder.exists() or _is_replaceable(folder):
        return
    raise OptionError(
        f"{folder} is there and is not a saved model, so it is not written over; "
        "choose another name or remove it"
    )


def _is_replaceable(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    if not any(folder.iterdir()):
        return True
    config = folder / CONFIG
    if not config.is_file() or config.stat().st_size > LARGEST[CONFIG]:
        return False
    try:
        fields = parse_object(config.read_bytes(), place=str(config))
    except BundleError:
        return False
    return "format" in fields and fields["format"] == FORMAT


def _write_beside(folder: Path, files: dict[str, bytes]) -> Path:
    """A new hidden neighbour of `folder` that holds `files`, flushed to the disk."""
    fresh = folder.with_name(_fresh_prefix(folder) + secrets.token_hex(4))
    fresh.mkdir()
    try:
        for name, raw in files.items():
            with (fresh / name).open("wb") as stream:
                stream.write(raw)
                stream.flush()
                os.fsync(stream.fileno())
        _flush_folder(fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return fresh


def _swap(fresh: Path, folder: Path) -> None:
    previous = previous_place(folder)
    if folder.exists():
        folder.rename(previous)
    try:
        fresh.rename(folder)
    except OSError:
        if previous.exists():
            previous.rename(folder)
        raise


def _finish_earlier_save(folder: Path) -> None:
    """Put right what a killed save left: unfinished files, the old bundle under its hidden name."""
    for entry in list(folder.parent.iterdir()):
        if entry.name.startswith(_fresh_prefix(folder)):
            shutil.rmtree(entry)
    previous = previous_place(folder)
    if not previous.exists():
        return
    if folder.exists():
        _retire(previous, folder)
    else:
        previous.rename(folder)


def _retire(previous: Path, folder: Path) -> None:
    """Remove the old bundle after its successor took its name; other files move over."""
    if not previous.exists():
        return
    for entry in list(previous.iterdir()):
        if entry.name not in LARGEST:
            entry.rename(folder / entry.name)
    shutil.rmtree(previous)


def _fresh_prefix(folder: Path) -> str:
    return f".{folder.name}.new-"


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _save_error(folder: Path, error: OSError) -> SaveError:
    return SaveError(f"{folder}: could not be saved: {error.strerror}. {_intact(folder)}")


def _intact(folder: Path) -> str:
    return "The model that was there is intact." if folder.exists() else "Nothing was written."
