"""Lines to labels: each line a text of its own, or all of them one text without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vartai.cli.stream.running import Record, guarded, run_filter
from vartai.cli.task_verbs import Streaming, require_unset
from vartai.data.lines import Line
from vartai.data.records import BLANK
from vartai.errors import InputError, OptionError
from vartai.stream.classify import SoFar
from vartai.stream.opening import open_stream
from vartai.stream.stream import Stream
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.repair import mend_text

_DIGITS = 6
_NAMES = ("label", "probabilities", "tokens", "unknown")


def run_labels(request: Streaming) -> None:
    """Answer every line with a label.

    Raises:
        OptionError: an option that means nothing here.
    """
    how, task = request.how, request.saved.task
    require_unset(how, ("delay", "length", "stop"), of="a classifier")
    if how.state is not None and not how.endless:
        raise OptionError("--state has no use here: each line begins anew without --endless")
    stream = open_stream(request.saved.name, task)
    run_filter(_Labels(task, stream, endless=how.endless), how, stream)


class _Labels:
    def __init__(self, task: ClassifyTask, stream: Stream[SoFar], *, endless: bool) -> None:
        self._stream = stream
        self._endless = endless
        # Mending needs a whole text, which an endless one never is.
        self._mends = task.config.text.fix_text and not endless

    def take(self, line: Line) -> Iterable[Record]:
        """See `Filter`."""
        return guarded(line, lambda text: self._answer(line.number, text), _NAMES)

    def end(self) -> Iterable[Record]:
        """See `Filter`."""
        return ()

    def _answer(self, number: int, text: str) -> Iterator[Record]:
        if self._endless:
            said = self._stream.push(f"{text}\n")
        else:
            if not text.strip():
                raise InputError(f"{BLANK.reason}: {BLANK.detail}")
            self._stream.reset()
            self._stream.push(mend_text(text).text if self._mends else text)
            said = self._stream.end()
        labels = said.label if isinstance(said.label, tuple) else (said.label,)
        shares = {name: float(f"{share:.{_DIGITS}g}") for name, share in said.probabilities.items()}
        shown = [f"{label}\t{shares[label]:.4f}" for label in labels]
        values = {
            "label": list(labels) if isinstance(said.label, tuple) else said.label,
            "probabilities": shares,
            "tokens": said.tokens,
            "unknown": said.unknown,
        }
        yield Record(number, values, "\t".join(shown))
