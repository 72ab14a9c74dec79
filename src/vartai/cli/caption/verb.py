"""`vartai caption`: pictures to sentences, a line for a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import FLAG, MAIN


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class LookOptions:
    """What and how.

    Attributes:
        attention: file for where each word of the caption was looked for, over the picture: .png,
            or .json for the numbers; of one picture only.
        beam: captions kept side by side; as it was trained if not given.
        length_penalty: see `vartai train caption`; as it was trained if not given.
        glance: expected, or likeliest; see `vartai train caption`; as it was trained if not given.
        n_best: this many captions of each picture, best first; with --json only, for else there
            would not be one line for each.
        weights: of a captioner that was trained on features: file of the weights of their encoder,
            for pictures that have no .npy file; if not given, the library fetches its own.
        json: a JSON object for each picture: image, captions, error.
    """

    attention: Annotated[str | None, Parameter(metavar="FILE")] = None
    beam: int | None = None
    length_penalty: float | None = None
    glance: str | None = None
    n_best: int = 1
    weights: Annotated[str | None, Parameter(metavar="FILE")] = None
    json: Annotated[bool, FLAG] = False


_HOW = LookOptions()


def caption(
    model: Annotated[str, Parameter(group=MAIN)],
    /,
    *pictures: Annotated[str, Parameter(group=MAIN)],
    how: LookOptions = _HOW,
) -> None:
    """Describe pictures.

    There is one line out for each picture, in the same order. The line of a picture that cannot be
    read is empty, and standard error says why.

    Args:
        model: folder of a trained captioner.
        pictures: files, such as photo.jpg.
        how: what and how.
    """
    from vartai.cli.caption.lines import run_pictures
    from vartai.cli.task_verbs import load_for
    from vartai.errors import OptionError

    if not pictures:
        raise OptionError("expected pictures to describe; vartai caption MODEL picture.jpg …")
    run_pictures(load_for("caption", model), pictures, how)
