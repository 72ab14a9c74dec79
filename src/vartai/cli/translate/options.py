"""The option dataclasses of a translator as groups of command-line options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import FLAG, MAIN, JsonFlag, panel
from vartai.cli.train_options import TrainOptions
from vartai.data.pair_options import PairOptions
from vartai.tasks.translate.config import (
    ChoiceOptions,
    PieceOptions,
    TranslatorOptions,
    TranslatorTraining,
    WritingOptions,
)

Pairs = Annotated[PairOptions, panel("Reading and splitting the pairs", 2)]
Pieces = Annotated[PieceOptions, panel("Vocabularies", 4)]
Model = Annotated[TranslatorOptions, panel("The model", 5)]
Choice = Annotated[ChoiceOptions, panel("Which epoch is kept", 6)]
Training = Annotated[TranslatorTraining, panel("Training", 7)]
Writing = Annotated[WritingOptions, panel("Finding translations", 8)]

# Immutable, so they can be the defaults of parameters.
PAIRS, PIECES, MODEL = PairOptions(), PieceOptions(), TranslatorOptions()
CHOICE, WRITING, TRAINING = ChoiceOptions(), WritingOptions(), TranslatorTraining()

_FILES = Parameter(metavar="FILE", negative_iterable=(), show_default=False)


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class TranslateTrainOptions:
    """What and where.

    Attributes:
        out: folder that the model is saved in. While it is trained, DIR.run holds the log, the
            rejected pairs and the checkpoint.
        valid: pairs to choose the epoch by, a table or, given twice, two files; a part of the
            training pairs if not given.
        test: pairs to judge by, likewise.
        demo: train on a little grammar that is built in, English to Lithuanian; no file is read.
        dry_run: read the files, say what was guessed, rejected and found, and stop; nothing is
            trained.
        resume: go on from the checkpoint of an interrupted run.
        start: saved model to go on from; its vocabularies stay.
        config: TOML file of options; what is typed beside it holds.
        print_config: print all options as such a file, and stop.
        tensorboard: folder for TensorBoard's event files.
        json: print one JSON object in place of the tables.
    """

    out: Annotated[str | None, Parameter(name="--out", metavar="DIR")] = None
    valid: Annotated[tuple[str, ...], _FILES] = ()
    test: Annotated[tuple[str, ...], _FILES] = ()
    demo: Annotated[bool, FLAG] = False
    dry_run: Annotated[bool, FLAG] = False
    resume: Annotated[bool, FLAG] = False
    start: Annotated[str | None, Parameter(name="--from", metavar="MODEL")] = None
    config: Annotated[str | None, Parameter(metavar="FILE")] = None
    print_config: Annotated[bool, FLAG] = False
    tensorboard: Annotated[str | None, Parameter(metavar="DIR")] = None
    json: JsonFlag = False

    def run(self) -> TrainOptions:
        """What every task's run wants to know."""
        return TrainOptions(
            out=self.out,
            dry_run=self.dry_run,
            resume=self.resume,
            start=self.start,
            tensorboard=self.tensorboard,
            json=self.json,
        )
