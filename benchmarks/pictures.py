"""Figures as small pictures for the documentation, drawn by the Chromium on the PATH."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from vartai.figures import Figure, write_figure

LARGEST = 100_000
"""Bytes; a repository keeps every version of a picture."""

_WIDTH = 860


def write_picture(figure: Figure, path: Path) -> None:
    """Draw a figure as a PNG.

    Args:
        figure: from a function of `vartai.figures`.
        path: where.

    Raises:
        SystemExit: there is no Chromium, or the picture is too large.
    """
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("pictures need a chromium on the PATH")
    path.parent.mkdir(parents=True, exist_ok=True)
    height = int(figure["layout"]["height"])
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "figure.html"
        write_figure(figure, page)
        text = page.read_text(encoding="utf-8").replace("margin: 2rem auto", "margin: 0")
        text = text.replace("displaylogo: false", "displayModeBar: false")
        page.write_text(text, encoding="utf-8")
        subprocess.run(
            [
                chromium,
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                f"--screenshot={path.resolve()}",
                f"--window-size={_WIDTH},{height}",
                *("--virtual-time-budget=5000", f"--user-data-dir={folder}/profile"),
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
    # A figure has few colours; a table of them is a third of the bytes.
    with Image.open(path) as drawn:
        drawn.convert("RGB").quantize(96).save(path, optimize=True)
    size = path.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{path}: {size:,} bytes, more than {LARGEST:,}")
