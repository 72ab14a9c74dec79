"""`vartai memory`: how far back a trained model remembers, or cells of one size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from vartai.cli import groups
from vartai.errors import OptionError

_CELLS = Group("Cells beside one another, in place of a model", sort_key=2)


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class MemoryRequest:
    """What is measured, and on what.

    Attributes:
        input: file of texts, in any format that training reads, in place of texts typed.
        of: outputs or states of the layers, or the score of the predicted label.
        layer: one layer in one direction by itself, such as l0_reverse; all together if not given.
        max_texts: of more texts in the file so many are drawn.
        max_tokens: of a longer text the first so many are read; running text is read in pieces of
            so many.
        positions: of each text whose gradients are taken.
        projections: random projections of each Jacobian; the whole of it if not given and it has
            at most 128 rows, 16 projections if it has more.
        seed: of texts drawn, of projections, and of the weights of the untrained model.
        threads: of the CPU; as torch decides if not given.
        html: file for the picture of it.
        json: print one JSON object in place of the tables.
    """

    input: Annotated[str | None, Parameter(metavar="FILE")] = None
    of: Literal["outputs", "states", "score"] = "outputs"
    layer: str | None = None
    max_texts: int = 50
    max_tokens: int = 200
    positions: int = 4
    projections: int | None = None
    seed: int = 0
    threads: int | None = None
    html: Annotated[str | None, Parameter(metavar="FILE")] = None
    json: groups.JsonFlag = False


@Parameter(name="*", group=_CELLS)
@dataclass(frozen=True, kw_only=True)
class CellsRequest:
    """The picture of theory, really measured.

    Attributes:
        cells: measure cells with fresh weights, and again when each has learned a probe.
        probe: copy (symbols are to be said again after a wait) or adding (two marked numbers of
            many).
        hidden_size: units of each cell.
        updates: of the weights in each training.
        longest: delay that is trained and tested, in steps.
        trainings: of each cell.
    """

    cells: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    probe: Literal["copy", "adding"] = "copy"
    hidden_size: int = 32
    updates: int = 2000
    longest: int = 100
    trainings: int = 1


_REQUEST, _CELLS_REQUEST = MemoryRequest(), CellsRequest()


def memory(
    model: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    /,
    *texts: Annotated[str, Parameter(group=groups.MAIN)],
    request: MemoryRequest = _REQUEST,
    cells: CellsRequest = _CELLS_REQUEST,
    reading: groups.Table = groups.TABLE,
) -> None:
    """Measure how far back layers remember: the size of gradients by distance.

    Args:
        model: folder of a trained model that classifies, tags or generates.
        texts: texts to measure on.
        request: what is measured, and on what.
        cells: cells in place of a model.
        reading: how the table is read.
    """
    if cells.cells:
        if model is not None or request.input is not None:
            raise OptionError("--cells measures cells of its own: expected no model and no texts")
        from vartai.cli.memory.cells import run_cells

        run_cells(request, cells)
        return
    if model is None:
        raise OptionError("expected a model: vartai memory MODEL --input FILE; or --cells")
    if bool(texts) == (request.input is not None):
        found = "both" if texts else "neither"
        raise OptionError(f"expected texts or --input FILE, found {found}")
    from vartai.cli.memory.model import run_model

    run_model(model, texts, request, reading)
