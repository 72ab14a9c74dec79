"""A figure as one HTML file that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

import contextlib
import html
import json
import secrets
from pathlib import Path

from vartai.errors import MissingExtra, OptionError, SaveError
from vartai.figures.figure import Figure

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 2rem auto; max-width: 60rem; font-family: system-ui, sans-serif }}</style>
</head>
<body>
<div id="figure"></div>
<script>{script}</script>
<script type="application/json" id="numbers">{numbers}</script>
<script>
const figure = JSON.parse(document.getElementById("numbers").textContent);
Plotly.newPlot("figure", figure.data, figure.layout, {{responsive: true, displaylogo: false}});
</script>
</body>
</html>
"""


def write_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as a page that holds its numbers and the script which draws them.

    The script is the one that the `plotly` package ships, so the page is some 5 MB.

    Args:
        figure: from one of the functions of this room.
        path: where; an earlier file there is replaced, whole or not at all.

    Raises:
        MissingExtra: the `plotly` package is not installed.
        OptionError: a number of the figure is not finite.
        SaveError: the file could not be written; an earlier one is intact.
    """
    path = Path(path)
    title = html.escape(str(figure["layout"]["title"]["text"]))
    text = _PAGE.format(title=title, script=_plotly_script(), numbers=_numbers(figure))
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise SaveError(f"{path}: could not be written: {error.strerror}") from error


def _plotly_script() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise MissingExtra("Writing a figure", extra="inspect") from error
    script: str = get_plotlyjs()
    return script


def _numbers(figure: Figure) -> str:
    """The figure as JSON that cannot end the script element it stands in."""
    try:
        text = json.dumps(figure, allow_nan=False, ensure_ascii=False)
    except ValueError as error:
        raise OptionError(f"a figure holds a number that is not finite: {error}") from error
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
