"""Texts to measure a model on, read as its task reads them, and cut at its recurrent layers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from vartai.bundle.trained import SavedTask
from vartai.cli.tag.reading import tagged_options
from vartai.cli.task_verbs import require_untyped
from vartai.data.documents import read_documents
from vartai.data.examples import Example, iter_examples
from vartai.data.options import TableOptions
from vartai.data.tagged.sentences import read_sentences, require_enough
from vartai.data.text_options import DocumentOptions
from vartai.errors import InputError, OptionError
from vartai.inspect.cut import Cut, cut
from vartai.inspect.cuts.tag import cut_sentences
from vartai.tasks.classify.reading import table_options

Item = TypeVar("Item")


@dataclass(frozen=True)
class Sample:
    """How much is read.

    Args:
        texts: of more, so many are drawn.
        tokens: of a longer text the first so many; running text in pieces of so many.
        seed: of the draw.
    """

    texts: int
    tokens: int
    seed: int


@dataclass(frozen=True)
class Read:
    """What was read.

    Args:
        cut: cuts a model of the same task on these texts: the trained one, or an untrained one.
        notes: what was noticed, in sentences.
    """

    cut: Callable[[Any], Cut]
    notes: tuple[str, ...]


def read_texts(
    saved: SavedTask,
    texts: Sequence[str],
    file: str | None,
    *,
    reading: TableOptions,
    sample: Sample,
) -> Read:
    """Texts as typed, or those of a file.

    Args:
        saved: the model.
        texts: as typed.
        file: in their place.
        reading: how a table is read.
        sample: how much is read.

    Raises:
        InputError: the file cannot be read, or holds no text.
        OptionError: a task that is not cut at its layers by texts alone, or an option that means
            nothing for it.
    """
    if file is None:
        return Read(lambda task: cut(task, texts, max_tokens=sample.tokens), ())
    if saved.name not in _READERS:
        known = ", ".join(sorted(_READERS))
        raise OptionError(
            f"memory is measured of models that {known}; this is a model for {saved.name}"
        )
    return _READERS[saved.name](saved.task, file, reading, sample)


def _drawn(items: Iterable[Item], sample: Sample) -> tuple[list[Item], int]:
    """At most so many items, each as likely as another, in their order; and how many there were."""
    numbers = random.Random(sample.seed)
    kept: list[tuple[int, Item]] = []
    count = 0
    for count, item in enumerate(items, start=1):
        if len(kept) < sample.texts:
            kept.append((count, item))
        else:
            place = numbers.randrange(count)
            if place < sample.texts:
                kept[place] = (count, item)
    return [item for _, item in sorted(kept, key=lambda pair: pair[0])], count


def _said(kept: int, count: int, what: str, sample: Sample) -> list[str]:
    if kept == count:
        return []
    return [f"{kept:,} of {count:,} {what}, drawn by seed {sample.seed}."]


def _read_table(task: Any, file: str, reading: TableOptions, sample: Sample) -> Read:
    stream = iter_examples(
        file,
        table_options(task.config, reading, need_label=False),
        fix_text=task.config.text.fix_text,
        need_label=False,
    )
    rejected: list[str] = []

    def usable() -> Iterable[str]:
        for item in stream:
            if isinstance(item, Example):
                yield item.text
            else:
                rejected.append(str(item))

    texts, count = _drawn(usable(), sample)
    if not texts:
        raise InputError(f"expected texts, found none ({len(rejected):,} rejected)", file=file)
    notes = [*stream.notes(), *_said(len(texts), count, "texts", sample)]
    if rejected:
        notes.append(f"{len(rejected):,} rows could not be read; the first: {rejected[0]}")
    return Read(lambda other: cut(other, texts, max_tokens=sample.tokens), tuple(notes))


def _read_sentences(task: Any, file: str, reading: TableOptions, sample: Sample) -> Read:
    sentences, rejects, opened = read_sentences(
        file, tagged_options(task.config, reading), need_tags=False, like=task.config.reading
    )
    require_enough(sentences, rejects)
    chosen, count = _drawn(sentences.rows, sample)
    notes = [*opened.notes, *_said(len(chosen), count, "sentences", sample)]
    if len(rejects):
        notes.append(f"{len(rejects):,} sentences rejected; the first: {rejects.first[0]}")
    return Read(lambda other: cut_sentences(other, chosen, max_tokens=sample.tokens), tuple(notes))


def _read_running(task: Any, file: str, reading: TableOptions, sample: Sample) -> Read:
    require_untyped(reading, used=("encoding",), why="running text has no columns")
    stored = task.config.reading
    asked = reading.encoding
    options = DocumentOptions(
        document_separator=stored.document_separator,
        encoding=stored.encoding if asked == DocumentOptions.encoding else asked,
    )
    found = read_documents([file], options, fix_text=task.config.text.fix_text)
    pieces = (
        piece
        for document in found.documents
        for piece in _pieces(task, document.text, sample.tokens)
    )
    chosen, count = _drawn(pieces, sample)
    if not chosen:
        raise InputError("expected text, found none that the model reads", file=file)
    what = f"pieces of {sample.tokens} tokens"
    notes = [*found.notes, *_said(len(chosen), count, what, sample)]
    if len(found.rejects):
        notes.append(f"{len(found.rejects):,} lines rejected; the first: {found.rejects.first[0]}")
    return Read(lambda other: cut(other, chosen, max_tokens=sample.tokens), tuple(notes))


def _pieces(task: Any, text: str, tokens: int) -> Iterable[str]:
    """A document in pieces of so many tokens."""
    (read,) = task.tokenizer.encode([text])
    ends = read.offsets[tokens - 1 :: tokens, 1].tolist()
    if len(read.ids) % tokens:
        ends.append(len(text))
    start = 0
    for end in ends:
        yield text[start:end]
        start = end


_READERS: dict[str, Callable[[Any, str, TableOptions, Sample], Read]] = {
    "classify": _read_table,
    "generate": _read_running,
    "tag": _read_sentences,
}
