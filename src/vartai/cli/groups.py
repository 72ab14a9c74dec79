"""The option dataclasses as groups of command-line options, a panel of `--help` each.

Names, defaults and help texts come from the dataclasses, where Python and configuration files find
them too.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Group, Parameter

from vartai.data.options import SplitOptions, TableOptions
from vartai.tasks.classify.config import ClassifierOptions
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.text.options import TextOptions
from vartai.training.options import TrainingOptions


def _show_default(value: object) -> str | None:
    return str(value) if value not in ((), None) else None


def panel(title: str, height: int) -> Parameter:
    """How a dataclass becomes a panel of `--help`, the lower ones first."""
    return Parameter(
        name="*",
        group=Group(title, sort_key=height),
        negative_iterable=(),
        show_default=_show_default,
    )


Table = Annotated[TableOptions, panel("Reading the table", 2)]
Split = Annotated[SplitOptions, panel("Holding texts out", 3)]
Text = Annotated[TextOptions, panel("Tokens and vocabulary", 4)]
Model = Annotated[ClassifierOptions, panel("The model", 5)]
Pretraining = Annotated[PretrainingOptions, panel("Learning from texts before labels", 6)]
Training = Annotated[TrainingOptions, panel("Training", 7)]

# Immutable, so they can be the defaults of parameters.
TABLE, SPLIT, TEXT = TableOptions(), SplitOptions(), TextOptions()
MODEL, PRETRAINING, TRAINING = ClassifierOptions(), PretrainingOptions(), TrainingOptions()

MAIN = Group("What and where", sort_key=1)
# An option that is either typed or not.
FLAG = Parameter(negative=(), show_default=False, group=MAIN)
JsonFlag = Annotated[bool, FLAG]
