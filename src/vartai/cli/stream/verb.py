"""`vartai stream`: its options. What needs torch waits in `filters`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.generate import options


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class StreamOptions:
    r"""How lines are read and answered.

    Attributes:
        endless: all lines are one text, whose state is carried on (classify, generate); each line
            is a text of its own if not typed. Of a tagger a line is a word, and an empty line ends
            the sentence.
        delay: words after which a tag is told; of use to a tagger with --crf only.
        length: most units that are written after a line (generate).
        stop: a string that ends what is written, and is not part of it; may be given several
            times. The line end, ``\n``, if not given.
        state: file to go on from, if it is there, and to leave the state in when the input ends.
        json: one JSON object a line.
    """

    endless: Annotated[bool, groups.FLAG] = False
    delay: int = 0
    length: int = 200
    stop: Annotated[tuple[str, ...], Parameter(negative_iterable=())] = ()
    state: Annotated[str | None, Parameter(metavar="FILE")] = None
    json: groups.JsonFlag = False


_HOW = StreamOptions()


def stream(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *,
    how: StreamOptions = _HOW,
    sampling: options.Sampling = options.SAMPLING,
) -> None:
    """Answer standard input, line by line: line in, line out, at once.

    classify: the label of the line and its probability, or with --endless of all lines so far. tag:
    a word a line, its tag out. generate: a line that goes on from it. A line that cannot be read is
    answered by an error in its place.

    Args:
        model: folder of a trained model.
        how: how lines are read and answered.
        sampling: choosing what comes next (generate).
    """
    from vartai.cli.stream.running import run_stream

    run_stream(model, how, sampling)
