"""`vartai generate`: its options. What needs torch waits in `writing`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.cli.generate import options


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class GenerateOptions:
    r"""What and how much.

    Attributes:
        prompt: text to go on from; the beginning of a document if not given.
        prompt_file: file whose text is the prompt; - is standard input.
        length: most units that are written.
        stop: a string that ends the text, and is not part of it; may be given several times.
            ``\n`` is a line end.
        samples: texts to write, each with random numbers of its own.
        interactive: read a line, write on, and so forth; the state is kept all along.
        json: print one JSON object in place of the text.
    """

    prompt: str | None = None
    prompt_file: Annotated[str | None, Parameter(metavar="FILE")] = None
    length: int = 400
    stop: Annotated[tuple[str, ...], Parameter(negative_iterable=())] = ()
    samples: int = 1
    interactive: Annotated[bool, groups.FLAG] = False
    json: groups.JsonFlag = False


_WHAT = GenerateOptions()


def generate(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *,
    what: GenerateOptions = _WHAT,
    sampling: options.Sampling = options.SAMPLING,
) -> None:
    """Write text.

    Args:
        model: folder of a trained language model.
        what: what and how much.
        sampling: choosing what comes next.
    """
    from vartai.cli.generate.writing import run_generation

    run_generation(model, what, sampling)
