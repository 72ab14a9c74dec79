"""What a file of tagged sentences holds, before anything is trained on it."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass

import numpy as np

from vartai.data.lines import Line, open_lines
from vartai.data.rejects import Reason, Rejects
from vartai.data.sources import STDIN, ByteSource
from vartai.data.summary import QUANTILES
from vartai.data.tagged.columns import looks_like_conllu
from vartai.data.tagged.files import count_columns, format_of_name
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import read_sentences

_HEAD_LINES = 200
_HEAD_CHARACTERS = 10_000
_CLEAR_SHARE = 0.9
_TABLES = ("csv", "tsv", "tab", "json", "parquet", "pq")


@dataclass(frozen=True, kw_only=True)
class TaggedSummary:
    """What was read, guessed and rejected.

    Attributes:
        file: name of the file.
        format: one of `vartai.data.tagged.options.TAGGED_FORMATS`.
        column: what holds the tags.
        words_column: what holds the words.
        input_columns: what else is read.
        sentences: usable ones.
        words: in them.
        forms: distinct words.
        once: distinct words that stand there once.
        tags: each tag and its number of words, the commonest first.
        lengths: quantile (0 to 1) to words in a sentence; empty without sentences.
        repeated_sentences: sentences whose words an earlier one has.
        ambiguous: share of words whose form occurs with more than one tag.
        rejected: reason to number of rejected sentences, the commonest first.
        first_rejections: the first rejected ones, as sentences.
        notes: every guess, as readable sentences.
    """

    file: str
    format: str
    column: str
    words_column: str
    input_columns: tuple[str, ...]
    sentences: int
    words: int
    forms: int
    once: int
    tags: dict[str, int]
    lengths: dict[float, int]
    repeated_sentences: int
    ambiguous: float
    rejected: dict[Reason, int]
    first_rejections: tuple[str, ...]
    notes: tuple[str, ...]


def summarise_tagged(path: str, options: TaggedOptions) -> tuple[TaggedSummary, Rejects]:
    """Read a file as training would, and say what is in it.

    Raises:
        InputError: the file cannot be read as tagged sentences.
        OptionError: an unknown column or encoding.
    """
    sentences, rejects, opened = read_sentences(path, options, need_tags=True)
    rows = sentences.rows
    forms = Counter(word for row in rows for word in row.words)
    tags: dict[str, set[str]] = {}
    for row in rows:
        for word, tag in zip(row.words, row.tags, strict=True):
            tags.setdefault(word, set()).add(tag)
    ambiguous = sum(times for word, times in forms.items() if len(tags[word]) > 1)
    lengths = np.array([len(row.words) for row in rows])
    values = np.quantile(lengths, QUANTILES, method="inverted_cdf") if len(rows) else []
    summary = TaggedSummary(
        file=path,
        format=str(opened.options.format),
        column=str(opened.options.column),
        words_column=str(opened.options.words),
        input_columns=opened.options.input_column,
        sentences=len(rows),
        words=sentences.words,
        forms=len(forms),
        once=sum(times == 1 for times in forms.values()),
        tags=dict(Counter(tag for row in rows for tag in row.tags).most_common()),
        lengths={share: int(n) for share, n in zip(QUANTILES, values, strict=False)},
        repeated_sentences=len(rows) - len({row.words for row in rows}),
        ambiguous=ambiguous / max(1, sentences.words),
        rejected=rejects.counts(),
        first_rejections=tuple(map(str, rejects.first)),
        notes=opened.notes,
    )
    return summary, rejects


def holds_tagged_sentences(path: str, encoding: str) -> bool:
    """Whether a file is, by its name or its first lines, one of tagged sentences and no table.

    Standard input is not looked at: what was read of it could not be read again.

    Raises:
        InputError: the file cannot be opened, or is not text in this encoding.
        OptionError: unknown encoding.
    """
    named = format_of_name(path)
    if named in ("conllu", "conll"):
        return True
    ends = path.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
    if path == STDIN or ends in _TABLES:
        return False
    with ByteSource(path) as source:
        if source.peek(4) == b"PAR1":
            return False
        lines, _ = open_lines(source, encoding, max_characters=_HEAD_CHARACTERS)
        head = list(itertools.islice(lines, _HEAD_LINES))
    return looks_like_conllu(head) or _is_object(head) or _is_columns(head)


def _is_object(head: list[Line]) -> bool:
    """A first line that holds an object with a list of tokens."""
    if not head or not head[0].text.startswith("{"):
        return False
    try:
        record = json.loads(head[0].text)
    except (ValueError, RecursionError):
        return False
    return isinstance(record.get("tokens"), list)


def _is_columns(head: list[Line]) -> bool:
    """Lines of as many fields each, with empty lines between them, which no table has."""
    held = [line.text for line in head if line.text.strip()]
    if len(held) == len(head) or any("," in text and " " not in text for text in held[:1]):
        return False
    columns, share = count_columns(held, tab=any("\t" in text for text in held))
    return columns > 1 and share >= _CLEAR_SHARE
