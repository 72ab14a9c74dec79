"""What a bundle holds, and the bytes of its five files: from one to the other and back.

`compose_files` and `parse_files` are inverse and touch no disk. Whatever is written has been parsed
back first, so nothing can be saved that will later be refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from vartai.bundle.strict_json import (
    canonical_bytes,
    decode_utf8,
    encode_utf8,
    parse_object,
    pretty_bytes,
)
from vartai.bundle.tensors import require_finite
from vartai.bundle.weights_layout import ELEMENTS, require_layout
from vartai.errors import BundleError

FORMAT = "vartai-bundle"
VERSION = 1

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
METRICS = "metrics.json"
CARD = "README.md"

MEBIBYTE = 1 << 20
# Most bytes of each file. A bundle beyond them is refused before memory is taken for it.
LARGEST = {
    CONFIG: MEBIBYTE,
    WEIGHTS: 2048 * MEBIBYTE,
    TOKENIZER: 32 * MEBIBYTE,
    METRICS: 4 * MEBIBYTE,
    CARD: MEBIBYTE,
}

_SEALED = (METRICS, WEIGHTS, TOKENIZER)
_FIELDS = {"format", "version", "task", "config", "files", "sha256"}
_TASK_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class BundleContents:
    """A trained task, taken apart into what its files hold.

    Attributes:
        task: name of the task, such as ``classify``.
        config: JSON object from which the task can be built again: its configuration, labels and
            text handling.
        tensors: name → array, every one finite.
        tokenizer: JSON text of the tokenizer.
        metrics: JSON object of scores.
        card: model card in Markdown; people may edit it in the saved folder.
    """

    task: str
    config: Mapping[str, Any]
    tensors: Mapping[str, np.ndarray[Any, Any]]
    tokenizer: str
    metrics: Mapping[str, Any]
    card: str


def compose_files(contents: BundleContents) -> dict[str, bytes]:
    """The bytes of each file of a bundle.

    Raises:
        BundleError: the contents cannot be saved; names the file and the fault.
    """
    files = {
        WEIGHTS: _save_tensors(contents.tensors),
        TOKENIZER: encode_utf8(contents.tokenizer, place=TOKENIZER),
        METRICS: pretty_bytes(dict(contents.metrics), place=METRICS),
        CARD: encode_utf8(contents.card, place=CARD),
    }
    config = pretty_bytes(dict(contents.config), place=CONFIG)
    sealed: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "task": contents.task,
        # As a reader will see it (keys are strings, tuples are lists): the digest is over that.
        "config": parse_object(config, place=CONFIG),
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in _SEALED},
    }
    sealed["sha256"] = hashlib.sha256(canonical_bytes(sealed, place=CONFIG)).hexdigest()
    files[CONFIG] = pretty_bytes(sealed, place=CONFIG)
    for name, raw in files.items():
        require_size(len(raw), name, place=name)
    parse_files(files, place="")
    return files


def parse_files(files: Mapping[str, bytes], *, place: str) -> BundleContents:
    """Check the bytes of the five files and take them apart.

    Args:
        files: file name → bytes, each within `LARGEST`.
        place: what stands before a file's name in a message, such as ``reviews-model/``.

    Raises:
        BundleError: names the file and what is wrong with it.
    """
    fields = parse_config(files[CONFIG], place=f"{place}{CONFIG}")
    tokenizer = decode_utf8(files[TOKENIZER], place=f"{place}{TOKENIZER}")
    parse_object(files[TOKENIZER], place=f"{place}{TOKENIZER}")
    metrics = parse_object(files[METRICS], place=f"{place}{METRICS}")
    card = decode_utf8(files[CARD], place=f"{place}{CARD}")
    require_layout(files[WEIGHTS], size=len(files[WEIGHTS]), place=f"{place}{WEIGHTS}")
    for name in _SEALED:
        if hashlib.sha256(files[name]).hexdigest() != fields["files"][name]:
            raise BundleError(
                f"{place}{name}: content does not match the sha256 digest that {CONFIG} has for "
                "it; the file was damaged or replaced"
            )
    tensors = _load_tensors(files[WEIGHTS], place=f"{place}{WEIGHTS}")
    return BundleContents(
        task=fields["task"],
        config=fields["config"],
        tensors=tensors,
        tokenizer=tokenizer,
        metrics=metrics,
        card=card,
    )


def parse_config(raw: bytes, *, place: str) -> dict[str, Any]:
    """The checked top level of `config.json`.

    Raises:
        BundleError: not a bundle, another version, a field missing or unknown, digest wrong.
    """
    fields = parse_object(raw, place=place)
    if fields.get("format") != FORMAT:
        raise BundleError(f'{place}: not a bundle of Vartai; expected "format": "{FORMAT}"')
    version = fields.get("version")
    if type(version) is not int or version != VERSION:  # True and 1.0 equal 1 too
        raise BundleError(
            f"{place}: bundle version {str(version)[:40]}, this Vartai reads version {VERSION}; "
            "install the Vartai that wrote the bundle, or train it again with this one"
        )
    if fields.keys() != _FIELDS:
        raise BundleError(
            f"{place}: fields should be {', '.join(sorted(_FIELDS))}; {_difference(set(fields))}"
        )
    _require_field_types(fields, place=place)
    digest = fields["sha256"]
    body = {name: value for name, value in fields.items() if name != "sha256"}
    if hashlib.sha256(canonical_bytes(body, place=place)).hexdigest() != digest:
        raise BundleError(
            f"{place}: content does not match its own sha256 digest; the file was damaged, or "
            "edited without renewing it"
        )
    return fields


def require_size(size: int, name: str, *, place: str) -> None:
    """Refuse a file that is larger than its kind may be.

    Raises:
        BundleError: gives the size and the limit in bytes.
    """
    if size > LARGEST[name]:
        raise BundleError(f"{place}: {size:,} bytes, at most {LARGEST[name]:,} are read")


def _difference(names: set[str]) -> str:
    missing = ", ".join(sorted(_FIELDS - names))
    unknown = ", ".join(repr(name[:40]) for name in sorted(names - _FIELDS)[:10])
    return f"missing: {missing or 'none'}; unknown: {unknown or 'none'}"


def _require_field_types(fields: Mapping[str, Any], *, place: str) -> None:
    task = fields["task"]
    if not isinstance(task, str) or not _TASK_NAME.fullmatch(task):
        raise BundleError(f"{place}: task should be a lower-case name, is {str(task)[:80]!r}")
    if not isinstance(fields["config"], dict):
        raise BundleError(f"{place}: config should be an object")
    digests = fields["files"]
    if not isinstance(digests, dict) or digests.keys() != set(_SEALED):
        raise BundleError(f"{place}: files should give one digest for each of {', '.join(_SEALED)}")


def _save_tensors(tensors: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    for name, array in tensors.items():
        if array.dtype.name not in ELEMENTS.values():
            raise BundleError(
                f"{WEIGHTS}: tensor {name!r} has type {array.dtype}; "
                f"known: {', '.join(sorted(ELEMENTS.values()))}"
            )
    # `save` would write the bytes of a transposed view in the order they lie in memory.
    return safetensors.numpy.save({name: array.copy("C") for name, array in tensors.items()})


def _load_tensors(raw: bytes, *, place: str) -> dict[str, np.ndarray[Any, Any]]:
    try:
        tensors = safetensors.numpy.load(raw)
    except safetensors.SafetensorError as error:
        raise BundleError(f"{place}: not readable as safetensors: {error}") from error
    require_finite(tensors, where=place)
    return tensors
