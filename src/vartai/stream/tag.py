"""A tagger as a stream reads: after every word its tag, or that of the word some words ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from vartai.data.tagged.blocks import Sentence
from vartai.errors import InputError, OptionError, require_range
from vartai.nn.row_product import RowProduct
from vartai.stream.live import Bounds, Fragment, LiveModel, Place, Taken, take_text
from vartai.stream.refusals import require_streamable_tagger
from vartai.stream.rows import Field, Notice, Rows
from vartai.stream.stepped_layers import SteppedLayers
from vartai.stream.viterbi import DelayedViterbi
from vartai.tasks.tag.task import TagTask
from vartai.text.cutting import cut_words
from vartai.text.settling import settled_words

MOST_DELAY = 100
LONGEST_WORD = 1_000  # characters
_REMEMBERED = 1 << 12  # words whose vectors are kept at hand


class Tagged(NamedTuple):
    """A word and its tag."""

    word: str
    tag: str


class TagReader:
    """Steps a tagger; a `vartai.stream.rows.Reader`. A token is a word's vector.

    Args:
        task: of one direction.
        delay: words after which a tag is told.

    Raises:
        OptionError: the tagger cannot be streamed, or has no use for a delay.
    """

    def __init__(self, task: TagTask, *, delay: int) -> None:
        require_streamable_tagger(task.config)
        require_range("delay", delay, at_least=0, below=MOST_DELAY + 1)
        model = task.model.eval()
        if delay and model.crf is None:
            raise OptionError(
                "delay has no use here: without --crf the tag of a word depends on no later word"
            )
        self._layers = SteppedLayers(model.encoder)
        self._output = RowProduct(model.output.weight, model.output.bias)
        self.viterbi = None if model.crf is None else DelayedViterbi(model.crf, delay)
        more = () if self.viterbi is None else self.viterbi.fields
        self.fields: tuple[Field, ...] = (*self._layers.fields, *more)

    def fresh(self) -> Rows:
        """See `Reader`."""
        return (*self._layers.fresh(), *(() if self.viterbi is None else self.viterbi.fresh()))

    def read(self, rows: Rows, tokens: Tensor, before: Sequence[int]) -> Rows:
        """See `Reader`."""
        own = len(self._layers.fields)
        outputs, layers = self._layers.step(tokens, rows[:own])
        if self.viterbi is None:
            return layers
        return (*layers, *self.viterbi.read(rows[own:], self._output(outputs), before))

    def tags(self, rows: Rows) -> list[int]:
        """The tag that each stream's last step decided."""
        if self.viterbi is not None:
            return self.viterbi.decided(rows[len(self._layers.fields) :])
        last = rows[self._layers.last]
        found: list[int] = self._output(last).argmax(1).tolist()
        return found

    def rest(self, rows: Rows, count: int) -> list[int]:
        """The tags of one stream's last `count` words, as if its sentence ended here."""
        if self.viterbi is None:
            return []
        return self.viterbi.rest(rows[len(self._layers.fields) :], count)


class _Decisions:
    """Collects the tags of streams, step by step; a `vartai.stream.rows.Notice`."""

    def __init__(self, reader: TagReader, streams: int) -> None:
        self._reader = reader
        self.tags: list[list[int]] = [[] for _ in range(streams)]

    def __call__(self, which: Sequence[int], rows: Rows) -> None:
        for place, tag in zip(which, self._reader.tags(rows), strict=True):
            self.tags[place].append(tag)


class TagLive(LiveModel[list[Tagged]]):
    """A tagger, ready to be streamed.

    Args:
        task: see `TagReader`.
        delay: words after which a tag is told; of use with a conditional random field only.
    """

    name = "tag"

    def __init__(self, task: TagTask, *, delay: int) -> None:
        reader = TagReader(task, delay=delay)
        model = task.config.model
        traits = [list(task.tags), task.scheme, task.restricted, model.cell, model.affixes, delay]
        super().__init__(task, reader, settled_words, traits)
        self.delay = delay
        self.bounds = Bounds(words=delay)
        self._steps = reader
        self._tagger = task
        self._vector = lru_cache(maxsize=_REMEMBERED)(self._compute_vector)

    def take(self, place: Place, fragment: Fragment, *, flush: bool) -> Taken:
        """See `LiveModel`; words, each a text or, with input columns, a tuple of texts."""
        rows, after = self._read_words(place, fragment, flush=flush)
        forms = tuple(row[0] for row in rows)
        size = self._tagger.model.vectors.size
        vectors = torch.stack([self._vector(row) for row in rows]) if rows else torch.zeros(0, size)
        seen = self._tagger.vocabulary.has_seen
        after = replace(
            after,
            tokens=place.tokens + len(rows),
            unknown=place.unknown + sum(not seen(form) for form in forms),
            words=(*place.words, *forms),
        )
        return Taken(vectors, after, flush)

    def listen(self, streams: int) -> _Decisions:
        """See `LiveModel`."""
        return _Decisions(self._steps, streams)

    def say(
        self, rows: Sequence[Rows], taken: Sequence[Taken], heard: Notice | None
    ) -> list[tuple[list[Tagged], Place]]:
        """See `LiveModel`."""
        assert isinstance(heard, _Decisions)
        said = []
        for own, each, decided in zip(rows, taken, heard.tags, strict=True):
            words = each.place.words
            # At each step the word that has `delay` words behind it gets its tag.
            known = max(0, min(len(decided), len(words) - self.delay))
            tags = decided[len(decided) - known :]
            if each.flush:
                tags = tags + self._steps.rest(own, len(words) - known)
            names = [self._tagger.tags[tag] for tag in tags]
            told = [Tagged(*pair) for pair in zip(words, names, strict=False)]
            said.append((told, replace(each.place, words=words[len(told) :])))
        return said

    def _read_words(
        self, place: Place, fragment: Fragment, *, flush: bool
    ) -> tuple[list[tuple[str, ...]], Place]:
        columns = len(self._tagger.vocabulary.columns)
        if isinstance(fragment, str | bytes):
            if columns and fragment:
                names = ", ".join(self._tagger.config.reading.input_column)
                raise InputError(
                    f"expected words with their columns ({names}), found text: this tagger reads "
                    "tuples of a word and its values"
                )
            text, after = take_text(place, fragment, self.settled, flush=flush)
            words = [(word,) for word in cut_words(text)]
            return [_word(word, number, 0) for number, word in enumerate(words)], after
        if place.pending:
            raise InputError(
                f"expected more text, found words, and {place.pending.text!r:.60} is pending: "
                "flush() reads it as it stands"
            )
        return [_word(word, number, columns) for number, word in enumerate(fragment)], place

    def _compute_vector(self, row: tuple[str, ...]) -> Tensor:
        """``[size]``: computed for one word alone, so that nothing depends on its neighbours."""
        task = self._tagger
        sentence = Sentence(1, row[:1], (), tuple((value,) for value in row[1:]))
        store = task.read([sentence])
        device = task.model.output.weight.device
        with torch.inference_mode():
            batch = store.batch(store.lengths.argsort()).to(device)
            vectors: Tensor = task.model.vectors(batch).data[0].float().cpu()
        return vectors.clone()


def _word(word: object, number: int, columns: int) -> tuple[str, ...]:
    row = (word,) if isinstance(word, str) else word
    if (
        not isinstance(row, tuple)
        or len(row) != 1 + columns
        or not all(isinstance(each, str) for each in row)
    ):
        wanted = "a word" if not columns else f"a tuple of a word and {columns} values"
        raise InputError(f"word {number + 1}: expected {wanted}, found {word!r:.60}")
    if not 0 < len(row[0]) <= LONGEST_WORD:
        raise InputError(
            f"word {number + 1}: expected 1 to {LONGEST_WORD:,} characters, found {len(row[0]):,}"
        )
    return row
