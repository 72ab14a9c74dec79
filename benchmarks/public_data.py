"""Where the public data sets are: docs/data.md says which, and in what form."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """The folder that the environment variable VARTAI_DATA names.

    Raises:
        SystemExit: it is not set, or names no folder.
    """
    named = os.environ.get("VARTAI_DATA")
    if not named:
        raise SystemExit("set VARTAI_DATA to the folder of public data sets (docs/data.md)")
    folder = Path(named)
    if not folder.is_dir():
        raise SystemExit(f"VARTAI_DATA names {named!r}, which is not a folder")
    return folder
