"""Whether a `.keras` file is what it says, judged before Keras opens it.

It is a ZIP archive of a configuration, which names classes, and of weights. Here the archive must
hold just its three parts, no larger than the file, and every class that the configuration names
must be on a short list, of Keras's own module: no Lambda, no class of somebody else's, no function.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vartai.bundle.strict_json import parse_object
from vartai.errors import BundleError, InputError
from vartai.exchange.tensor_files import require_file

_PARTS = {"metadata.json", "config.json", "model.weights.h5"}
_LONGEST_CONFIG = 1 << 20
LAYERS = frozenset(
    {
        "InputLayer",
        "Embedding",
        "SimpleRNN",
        "LSTM",
        "GRU",
        "Bidirectional",
        "Dense",
        "Dropout",
        "SpatialDropout1D",
        "GlobalAveragePooling1D",
        "GlobalMaxPooling1D",
    }
)
# What `vartai export --to keras` puts in the place of a pool that leaves padding out.
OPERATIONS = frozenset({"NotEqual", "ExpandDims", "Where", "Max"})
_OTHERS = frozenset({"Sequential", "Functional", "DTypePolicy"})
_FREE_MODULES = ("keras.initializers", "keras.regularizers", "keras.constraints")
_MODULES = (
    "keras",
    "keras.layers",
    "keras.models",
    "keras.src.models.functional",
    "keras.src.models.sequential",
    "keras.src.ops.numpy",
    "keras.ops.numpy",
    "keras.ops",
)


def require_harmless(path: Path) -> None:
    """Refuse a file that names anything but the parts of a recurrent model.

    Raises:
        InputError: names the file and the fault.
    """
    size = require_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _require_parts(members, size, path)
            raw = archive.read("config.json")
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "not an archive as Keras 3 saves it, or damaged", file=str(path)
        ) from error
    try:
        config = parse_object(raw, place=f"{path}: config.json")
    except BundleError as error:
        raise InputError(str(error)) from error
    for entry in _objects(config):
        _require_known(entry, path)


def _require_parts(members: list[zipfile.ZipInfo], size: int, path: Path) -> None:
    names = [member.filename for member in members]
    if sorted(names) != sorted(_PARTS):
        found = ", ".join(name[:40] for name in names[:6])
        raise InputError(
            f"expected {', '.join(sorted(_PARTS))} in the archive, found {found}", file=str(path)
        )
    held = sum(member.file_size for member in members)
    if held > size or any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise InputError(
            f"its parts take {held:,} bytes and the file {size:,}: an archive that grows when it "
            "is opened is none of Keras's",
            file=str(path),
        )
    config = next(member for member in members if member.filename == "config.json")
    if config.file_size > _LONGEST_CONFIG:
        raise InputError(
            f"config.json has {config.file_size:,} bytes, at most {_LONGEST_CONFIG:,} are read",
            file=str(path),
        )


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside, itself included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _require_known(entry: dict[str, Any], path: Path) -> None:
    if "class_name" not in entry:
        return
    name, module = entry["class_name"], entry.get("module")
    registered = entry.get("registered_name")
    known = False
    if isinstance(name, str) and isinstance(module, str) and registered in (None, name):
        own = name in LAYERS | OPERATIONS | _OTHERS and module in _MODULES
        free = module in _FREE_MODULES and name.isidentifier() and name != "function"
        known = own or free
    elif name == "__keras_tensor__" and module is None:
        known = True
    if not known:
        raise InputError(
            f"names {str(module)[:60]}.{str(name)[:60]}, which is no part of a recurrent model; "
            f"known: {', '.join(sorted(LAYERS))}",
            file=str(path),
        )
