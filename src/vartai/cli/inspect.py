"""`vartai inspect`: its options. What needs torch or a server waits in `inspect_run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.errors import OptionError


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class InspectOptions:
    """What is opened beside the model, and where the page goes.

    Attributes:
        what_if: an edited copy of the text, to begin with.
        beside: folder of a second model, to compare.
        corpus: texts to find flags in and to search: plain, a text a line, or tagged sentences.
        column: of tagged sentences, the values that flags are looked for: upos, feats:Gender, ….
        html: file for a report that needs no network, in place of a page.
        port: where the page is, on this machine only; 0 for any that is free.
        no_open: leave the browser alone.
        json: print one JSON object.
    """

    what_if: Annotated[str | None, Parameter(metavar="TEXT")] = None
    beside: Annotated[str | None, Parameter(metavar="MODEL")] = None
    corpus: Annotated[str | None, Parameter(metavar="FILE")] = None
    column: str | None = None
    html: Annotated[str | None, Parameter(metavar="FILE")] = None
    port: int = 8765
    no_open: Annotated[bool, groups.FLAG] = False
    json: groups.JsonFlag = False

    def require_texts(self, texts: tuple[str, ...]) -> None:
        """Refuse what cannot be done without a text, or without a corpus.

        Raises:
            OptionError: says what was expected.
        """
        if self.column is not None and self.corpus is None:
            raise OptionError("--column is of tagged sentences: expected --corpus FILE, too")
        if texts:
            return
        if self.html is not None:
            raise OptionError("--html is a report of a text: expected one after the model")
        if self.what_if is not None:
            raise OptionError("--what-if is an edited copy: expected the text itself, too")


_OPTIONS = InspectOptions()


def inspect(
    model: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *texts: Annotated[str, Parameter(group=groups.MAIN)],
    options: InspectOptions = _OPTIONS,
) -> None:
    """Look inside a model, in the browser: every state and gate, token by token.

    The page is served to this machine alone, and asks nothing of any other, until Ctrl-C.

    Args:
        model: folder of a trained model.
        texts: what to begin with: a text; of a translator its source and translation; of a model
            that answers, its text and question.
        options: what is opened beside the model, and where the page goes.
    """
    options.require_texts(texts)
    from vartai.cli.inspect_run import run_inspect

    run_inspect(model, texts, options)
