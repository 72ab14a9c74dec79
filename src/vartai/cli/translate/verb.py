"""`vartai translate`: standard input to standard output, a line for a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import FLAG, MAIN


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class LineOptions:
    """What and how.

    Attributes:
        beam: translations kept side by side, 1 for none beside the likeliest; as it was trained if
            not given.
        length_penalty: see `vartai train translate`; as it was trained if not given.
        n_best: this many translations of each line, best first; with --json only, for else there
            would not be one line for each.
        json: a JSON object for each line: line, text, translations.
        attention: with --json: from which tokens of the line each token of the best translation
            was taken.
        lines: read this many before they are translated together; fewer show the first result
            sooner, more are faster. 1 answers every line at once.
    """

    beam: int | None = None
    length_penalty: float | None = None
    n_best: int = 1
    json: Annotated[bool, FLAG] = False
    attention: Annotated[bool, FLAG] = False
    lines: int = 512


_HOW = LineOptions()


def translate(
    model: Annotated[str, Parameter(group=MAIN)],
    /,
    *texts: Annotated[str, Parameter(group=MAIN)],
    how: LineOptions = _HOW,
) -> None:
    """Translate standard input, or the texts given as arguments.

    There is one line out for each line in, in the same order; blank lines stay blank.

    Args:
        model: folder of a trained translator.
        texts: to translate in place of standard input.
        how: what and how.
    """
    from vartai.cli.task_verbs import load_for
    from vartai.cli.translate.lines import run_lines

    run_lines(load_for("translate", model), texts, how)
