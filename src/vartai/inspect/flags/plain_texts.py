"""Plain text as texts: a line each, or a paragraph each."""

from __future__ import annotations

from collections.abc import Iterator

from vartai.data.lines import open_lines
from vartai.data.rejects import Rejection, Rejects
from vartai.data.sources import ByteSource
from vartai.data.tagged.blocks import spell_raw
from vartai.errors import unknown_name

TEXT_IS = ("line", "paragraph")
_MAX_CHARACTERS = 1_000_000


def read_plain(
    path: str, rejects: Rejects, *, text_is: str, encoding: str = "utf-8"
) -> Iterator[tuple[int, str]]:
    """The texts of a file one after another, each with its first line; blank ones are none.

    Args:
        path: a file, also compressed or in a ZIP archive, or ``-``.
        rejects: lines that cannot be read are added here; a paragraph ends with them.
        text_is: ``line``, or ``paragraph``: lines up to a blank one, line ends kept.
        encoding: of its bytes.

    Raises:
        InputError: the file cannot be read.
        OptionError: an unknown encoding or kind of text.
    """
    if text_is not in TEXT_IS:
        raise unknown_name("kind of text", text_is, TEXT_IS)
    with ByteSource(path) as source:
        lines, _ = open_lines(source, encoding, max_characters=_MAX_CHARACTERS)
        held: list[str] = []
        first = 0
        for line in lines:
            if line.fault is not None:
                rejects.add(
                    Rejection(
                        file=path,
                        line=line.number,
                        column=None,
                        reason=line.fault.reason,
                        detail=line.fault.detail,
                        raw=spell_raw(line),
                    )
                )
            usable = line.fault is None and bool(line.text.strip())
            if usable and text_is == "line":
                yield line.number, line.text
            elif usable:
                first = first if held else line.number
                held.append(line.text)
            elif held:
                yield first, "\n".join(held)
                held = []
        if held:
            yield first, "\n".join(held)
