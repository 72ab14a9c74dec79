"""Tags into a file: the column or feature filled, everything else as it stood."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vartai.data.jsonl import read_object
from vartai.data.tagged.blocks import Block
from vartai.data.tagged.columns import ColumnForm
from vartai.data.tagged.fields import cut
from vartai.data.tagged.files import TaggedFile
from vartai.data.tagged.objects import ObjectForm
from vartai.errors import InputError


def fill_tags(file: TaggedFile, block: Block, tags: Sequence[str]) -> bytes:
    """The lines of a block with tags in their places, as bytes of the file's encoding.

    In CoNLL-U the column or feature is filled. In plain columns the tag is appended as a last
    column. A JSON object gets its list. A line of plain text becomes a JSON object with tokens and
    tags. A block without tags stays as it is; a text that could not be read becomes an object that
    says so.

    Args:
        file: that the block is of.
        block: with or without a sentence.
        tags: one for each word of the sentence; none if there is no sentence.

    Raises:
        InputError: a line is longer than was kept of it, or a tag has a character that the file's
            encoding lacks.
    """
    for line in block.lines:
        if line.fault is not None and line.fault.reason == "line too long":
            raise InputError(
                f"{line.fault.detail}; it cannot be written back", file=file.file, line=line.number
            )
    if file.form is None:
        return _object_of_text(block, tags).encode(file.encoding)
    texts = [line.text for line in block.lines]
    if isinstance(file.form, ObjectForm):
        if block.sentence is not None:
            record = read_object(texts[0]) | {file.form.filled: list(tags)}
            texts[0] = json.dumps(record, ensure_ascii=False)
    else:
        for place, tag in zip(block.places, tags, strict=True):
            texts[place] = _fill_line(texts[place], file.form, tag)
    whole = "".join(text + line.end for text, line in zip(texts, block.lines, strict=True))
    try:
        return whole.encode(file.encoding, "surrogateescape")
    except UnicodeEncodeError as error:
        found = whole[error.start : error.end]
        raise InputError(
            f"expected tags that can be written in {file.encoding}, found {found!r}",
            file=file.file,
            line=block.lines[0].number,
        ) from error


def _fill_line(text: str, form: ColumnForm, tag: str) -> str:
    if not form.conllu or form.filled is None:
        return f"{text}{chr(9) if form.tab else ' '}{tag}"
    fields = cut(text, tab=True)
    form.filled.write(fields, tag)
    return "\t".join(fields)


def _object_of_text(block: Block, tags: Sequence[str]) -> str:
    """A line of JSON for a line of text."""
    found: dict[str, object] = {"tokens": [], "tags": list(tags)}
    if block.sentence is not None:
        found["tokens"] = list(block.sentence.words)
    if block.rejection is not None:
        found["error"] = f"{block.rejection.reason}: {block.rejection.detail}"
    return json.dumps(found, ensure_ascii=False) + "\n"
