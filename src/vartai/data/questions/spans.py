"""Where answers stand in their contexts: as the file says, or wherever exact search finds them."""

from __future__ import annotations

from vartai.data.checks import FieldError
from vartai.data.lines import Fault
from vartai.data.questions.question import Answer

_MOST_PLACES = 100


def locate_answer(context: str, text: str, start: object, *, column: str) -> Answer:
    """An answer and where it stands.

    Args:
        context: that it should be a part of.
        text: the answer.
        start: the code point at which the file says it begins; None if it does not say.
        column: of the answer, for messages.

    Raises:
        FieldError: the answer does not stand there, or nowhere.
    """
    if start is None:
        places = _places(context, text)
        if not places:
            detail = f"expected a part of the context, found {text!r:.80}"
            raise FieldError(Fault("answer not in context", detail), column)
        return Answer(text, places)
    if isinstance(start, bool) or not isinstance(start, int) or start < 0:
        detail = f"expected a code point as the answer's start, found {start!r:.40}"
        raise FieldError(Fault("answer not in context", detail), column)
    if not context.startswith(text, start):
        places = _places(context, text)
        found = f"it stands at {places[0]:,}" if places else "it stands nowhere"
        detail = f"expected {text!r:.80} at code point {start:,} of the context; {found}"
        raise FieldError(Fault("answer not in context", detail), column)
    return Answer(text, (start,))


def _places(context: str, text: str) -> tuple[int, ...]:
    """Where a text begins, overlapping or not; the first hundred."""
    places: list[int] = []
    at = context.find(text)
    while at >= 0 and len(places) < _MOST_PLACES:
        places.append(at)
        at = context.find(text, at + 1)
    return tuple(places)
