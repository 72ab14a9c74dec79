"""One run of `vartai find`: a marked text and a corpus in, the best places out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from vartai.bundle.trained import load_task
from vartai.cli.find import FindWhere
from vartai.cli.voice import Voice
from vartai.data.rejects import Rejects
from vartai.data.tagged.files import format_of_name, open_tagged
from vartai.data.tagged.options import TaggedOptions
from vartai.errors import InputError, OptionError
from vartai.inspect.find import (
    Found,
    Marked,
    find_matches,
    find_nearest,
    read_marked,
)
from vartai.inspect.find_options import FindOptions
from vartai.inspect.flags.plain_texts import read_plain

_SPAN = re.compile(r"([0-9]+):([0-9]+)")


def run_find(model: str, corpus: str, text: str, where: FindWhere, options: FindOptions) -> None:
    """Search, tell."""
    query = read_marked(text) if where.span is None else _spanned(text, where.span)
    voice = Voice(json=where.json)
    task = load_task(Path(model)).task
    rejects = Rejects()
    texts = _texts(corpus, rejects, where)
    if where.match:
        found = find_matches(task, texts, query, options=options, units=where.unit)
    else:
        found = find_nearest(task, texts, query, options=options)
    voice.say_all(found.notes)
    if len(rejects):
        voice.file_rejects(rejects, Path(f"{model.rstrip('/')}.find-rejects.jsonl"))
    _tell(found, voice, match=where.match, part=options.part)
    voice.answer(
        {
            "texts": found.texts,
            "tokens": found.tokens,
            "layer": found.layer,
            "part": options.part,
            "units": list(found.units),
            "rejected": len(rejects),
            "hits": [hit._asdict() for hit in found.hits],
        }
    )


def _spanned(text: str, span: str) -> Marked:
    found = _SPAN.fullmatch(span)
    if found is None:
        raise OptionError(f"span must be START:END in characters, was {span!r:.40}")
    start, end = map(int, found.groups())
    if not start < end <= len(text):
        raise OptionError(f"span must lie in the {len(text)} characters of the text, was {span}")
    return Marked(text, start, end)


def _texts(corpus: str, rejects: Rejects, where: FindWhere) -> Iterator[tuple[int, str]]:
    """The texts of a corpus; those of tagged sentences are their words joined by blanks."""
    if format_of_name(corpus) is None:
        yield from read_plain(corpus, rejects, text_is=where.text_is, encoding=where.encoding)
        return
    options = TaggedOptions(encoding=where.encoding)
    with open_tagged(corpus, options, need_tags=False) as opened:
        for block in opened.blocks():
            if block.rejection is not None:
                rejects.add(block.rejection)
            if block.sentence is not None:
                yield block.sentence.line, " ".join(block.sentence.words)


def _tell(found: Found, voice: Voice, *, match: bool, part: str) -> None:
    if not found.hits:
        raise InputError(f"nothing found in {found.texts:,} texts: lower the threshold or tokens")
    units = f" units {', '.join(map(str, found.units))}" if match else ""
    voice.tell(
        f"{found.layer}.{part}{units}: the best of {found.tokens:,} tokens in {found.texts:,} texts"
    )
    voice.tell()
    rows = [
        (
            f"{hit.score:.4f}",
            str(hit.line),
            _one_line(f"{hit.before}[{hit.text}]{hit.after}"),
        )
        for hit in found.hits
    ]
    voice.table(("score", "line", "where"), rows, words=3)


def _one_line(text: str) -> str:
    return text.replace("\n", "⏎")
