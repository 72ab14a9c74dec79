"""Measured text on pages that people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_sections(page: Path, sections: Mapping[str, str]) -> None:
    """Put measured text between its marks on a page; what people wrote around it stays."""
    text = page.read_text(encoding="utf-8")
    for name, section in sections.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{section}\n{end}{rest.split(end)[1]}"
    page.write_text(text, encoding="utf-8")
