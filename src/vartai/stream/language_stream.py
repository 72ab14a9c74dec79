"""A text that a language model reads and writes, token by token."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vartai.data.streams import BORDER_ID
from vartai.decoding.choosing import choose_likeliest, token_at
from vartai.decoding.options import SamplingOptions
from vartai.decoding.stopping import StopStrings
from vartai.decoding.transforms import apply_all
from vartai.errors import InputError, require_range
from vartai.stream.draws import draw
from vartai.stream.generate import RECENT, GenerateLive, Next
from vartai.stream.live import Fragment, Place
from vartai.stream.rows import Rows
from vartai.stream.stream import Stream

_DEFAULT = SamplingOptions()


class LanguageStream(Stream[Next]):
    """A stream of a language model; see `Stream`.

    Args:
        model: from `vartai.stream.opening.open_live`.
    """

    model: GenerateLive

    def __init__(self, model: GenerateLive) -> None:
        self._at = Place()
        self._stepped: list[int] = []  # ids since `_at`
        self._spare: Rows | None = None
        self._written: Rows | None = None
        super().__init__(model)

    @property
    def next(self) -> Next:
        """What follows the text so far; what is pending is not part of it."""
        place = self._place
        words = self.model.tokenizer.vocabulary
        return Next(self._log_probabilities(), words, place.tokens, place.pending.text)

    def push(self, fragment: Fragment) -> Next:
        """See `Stream`; a single id is read as `step` reads it."""
        if type(fragment) is not list or len(fragment) != 1 or self._at.pending:
            return super().push(fragment)
        scores = self.step(self.model.require_id(fragment[0]))
        return Next(scores, self.model.tokenizer.vocabulary, self.tokens, "")

    @property
    def tokens(self) -> int:
        """How many were read since it began."""
        return self._at.tokens + len(self._stepped)

    def step(self, token: int) -> NDArray[np.float32]:
        """Read one token: what `push` does with a list of one, without its overhead.

        Args:
            token: its id.

        Returns:
            Log-probabilities ``[V]`` of what follows.

        Raises:
            InputError: there is no such token, or text is pending.
        """
        if self._at.pending or not 0 < token < self.model.tokenizer.size:
            super().push([token])  # says what is wrong
        self._read_one(token)
        return self._log_probabilities()

    def _read_one(self, token: int) -> None:
        """Read one token, and leave open what follows."""
        before = self._rows
        self._rows = self.model.steps.step(before, token, self._spare or self.model.steps.spare())
        # Rows that a step wrote are this stream's alone, and so can be written over; others, such
        # as those that a fork shares, are not.
        self._spare = before if before is self._written else None
        self._written = self._rows
        self._stepped.append(token)
        if len(self._stepped) == RECENT:
            self._place = self._place

    def choose(self, sampling: SamplingOptions = _DEFAULT) -> int:
        """The id of a token that could follow, drawn by the seed and the place; it is not read.

        The id 0 says that the document ends.

        Raises:
            OptionError: an option that a stream cannot keep to.
            InputError: text is pending, so that what follows is not known.
        """
        pending = self._at.pending
        if pending:
            raise InputError(
                f"expected whole tokens, and {pending.text!r:.60} is pending: flush() reads it as "
                "it stands"
            )
        transforms = self.model.transforms(sampling)
        scores = self._log_probabilities().astype(np.float64)
        scores = apply_all(transforms, scores, (*self._at.recent, *self._stepped))
        if sampling.temperature == 0:
            return choose_likeliest(scores)
        return token_at(scores, draw(sampling.seed, self.tokens))

    def write(
        self,
        length: int,
        *,
        stop: Sequence[str] = (),
        sampling: SamplingOptions = _DEFAULT,
    ) -> Generator[str, None, str]:
        """Write on, and read what is written.

        Args:
            length: most tokens that are written.
            stop: strings of which any ends the writing, and is not told; it was read, though.
            sampling: how tokens are chosen; the same state and seed write the same text.

        Yields:
            Text, piece by piece.

        Returns:
            Why it ended: ``length``, ``stop``, or ``end`` of the document, after which the stream
            begins a new one.

        Raises:
            InputError: text is pending; `flush` reads it as it stands.
            OptionError: an option is out of bounds.
        """
        require_range("length", length, at_least=1)
        strings, ended = StopStrings(stop), "length"
        for _ in range(length):
            token = self.choose(sampling)
            if token == BORDER_ID:
                self.reset()
                ended = "end"
                break
            place = self._place
            added, _, _ = self.model.spelling.spell(token, place.before, place.spelled)
            self._read_one(token)
            piece = strings.feed(added)
            if piece:
                yield piece
            if strings.stopped:
                return "stop"
        rest = strings.rest()
        if rest:
            yield rest
        return ended

    @property
    def _place(self) -> Place:
        """Where it stands, with the tokens that were stepped since it was last asked."""
        if self._stepped:
            place, ids = self._at, self._stepped
            before, spelled = place.before, place.spelled
            for token in ids:
                _, before, spelled = self.model.spelling.spell(token, before, spelled)
            self._stepped = []
            self._at = replace(
                place,
                tokens=place.tokens + len(ids),
                unknown=place.unknown + ids.count(self.model.tokenizer.unknown_id),
                recent=(*place.recent, *ids)[-RECENT:],
                before=before,
                spelled=spelled,
            )
        return self._at

    @_place.setter
    def _place(self, place: Place) -> None:
        self._stepped = []
        self._at = place

    def fork(self) -> LanguageStream:
        """See `Stream`."""
        # The rows are shared from now on.
        self._written = None
        return super().fork()

    def _log_probabilities(self) -> NDArray[np.float32]:
        return self.model.steps.log_probabilities_of_one(self._rows)
