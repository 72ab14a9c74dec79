"""A model over labelled texts: what its units were at every labelled token, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.errors import InputError
from vartai.inspect.cut import MAX_TOKENS, Cut, cut
from vartai.inspect.flags.align import NO_VALUE, TokenLabels, align, carried, only, select
from vartai.inspect.flags.spans import LabelledText
from vartai.inspect.flags.units import UnitTable, require_fitting, table_of
from vartai.kernels.direction import Trace

Ints = NDArray[np.int64]

# How much is read at once: bounds memory, whatever the number and length of the texts.
_CHARACTERS = 40_000
_TEXTS = 256


@dataclass(frozen=True, eq=False)
class FlagCorpus:
    """Labelled texts as a model reads them.

    Args:
        task: a trained task, as `vartai.inspect.cut.cut` takes it.
        texts: with their values.
        labels: of all tokens of all texts.
        lengths: tokens of each text.
        notes: how texts were read, each sentence once.
    """

    task: object
    texts: tuple[LabelledText, ...]
    labels: TokenLabels
    lengths: Ints
    notes: tuple[str, ...]

    def cuts(self) -> Iterator[tuple[slice, slice, Cut]]:
        """The texts in batches: which texts, which tokens of all, and the model about to read."""
        ends = np.concatenate([[0], np.cumsum(self.lengths)])
        for chosen in batches([text.text for text in self.texts]):
            made = cut(self.task, [text.text for text in self.texts[chosen]])
            yield chosen, slice(int(ends[chosen.start]), int(ends[chosen.stop])), made

    def table(
        self, *, parts: Sequence[str], layers: Sequence[str] | None = None
    ) -> tuple[UnitTable, TokenLabels]:
        """What units were at the labelled tokens, and the labels of these.

        Args:
            parts: of `vartai.inspect.flags.units.table_of`.
            layers: as there.

        Raises:
            OptionError: an unknown part or layer, or more numbers than are held.
            InputError: no token has a label.
        """
        labelled = self.labels.codes != NO_VALUE
        if not labelled.any():
            raise InputError(
                f"expected tokens with labels, found none in {len(self.texts):,} texts"
            )
        tables = []
        for _, tokens, made in self.cuts():
            chosen = labelled[tokens]
            with torch.inference_mode():
                run = made.run(keep=True)
            traces = {name: _rows(trace, chosen) for name, trace in run.traces.items()}
            tables.append(table_of(traces, parts=parts, layers=layers))
            require_fitting(int(labelled.sum()), tables[0].values.shape[1])
        values = np.concatenate([table.values for table in tables])
        return UnitTable(tables[0].columns, values), only(self.labels, labelled)


def read_corpus(
    task: object,
    texts: Sequence[LabelledText],
    *,
    carrier: str = "last",
    outside: str | None = None,
    carry: bool = False,
    most: int | None = None,
    without: Sequence[str] = (),
) -> FlagCorpus:
    """Give a model's tokens the labels of texts.

    Args:
        task: a trained task.
        texts: at least one.
        carrier: which token of a stretch has its value; see `align`.
        outside: value of tokens in no stretch.
        carry: label the tokens that come after a value in place of those that have it; see
            `carried`.
        most: how many of them at most.
        without: values that are left out.

    Raises:
        InputError: no text, or one without tokens.
        OptionError: a task of another kind, an unknown carrier or value.
    """
    tokens: list[tuple[object, ...]] = []
    notes: dict[str, None] = {}
    for chosen in batches([text.text for text in texts]):
        made = cut(task, [text.text for text in texts[chosen]])
        tokens.extend(made.tokens)
        notes.update(dict.fromkeys(note for own in made.notes for note in own))
    labels = align(texts, tokens, carrier=carrier, outside=outside)  # type: ignore[arg-type]
    if carry:
        labels = carried(labels, most=most)
    labels = select(labels, without=without)
    lengths = np.array([len(own) for own in tokens], dtype=np.int64)
    return FlagCorpus(task, tuple(texts), labels, lengths, tuple(notes))


def batches(texts: Sequence[str]) -> Iterator[slice]:
    """Texts in their order, so many at once that they can be read together."""
    start, held = 0, 0
    for place, text in enumerate(texts):
        # A text longer than the most tokens of a cut is not read to its end.
        size = min(len(text), MAX_TOKENS)
        if place > start and (held + size > _CHARACTERS or place - start == _TEXTS):
            yield slice(start, place)
            start, held = place, 0
        held += size
    if start < len(texts):
        yield slice(start, len(texts))


def _rows(trace: Trace, chosen: NDArray[np.bool_]) -> Trace:
    rows = torch.from_numpy(np.flatnonzero(chosen))
    return Trace(
        hidden=trace.hidden.cpu()[rows],
        cell=None if trace.cell is None else trace.cell.cpu()[rows],
        gates={name: gate.cpu()[rows] for name, gate in trace.gates.items()},
    )
