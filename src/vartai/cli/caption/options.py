"""The option dataclasses of a captioner as groups of command-line options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import FLAG, MAIN, JsonFlag, panel
from vartai.cli.train_options import TrainOptions
from vartai.data.caption_options import CaptionTableOptions
from vartai.images.options import PictureOptions
from vartai.tasks.caption.config import (
    CaptionChoice,
    CaptionConfig,
    CaptionerOptions,
    CaptionTraining,
    CaptionWords,
    CaptionWriting,
    ChangeOptions,
    LookingOptions,
)

Table = Annotated[CaptionTableOptions, panel("Reading and splitting the table", 2)]
Pictures = Annotated[PictureOptions, panel("Pictures and their encoder", 3)]
Words = Annotated[CaptionWords, panel("Vocabulary", 4)]
Model = Annotated[CaptionerOptions, panel("The model", 5)]
Looking = Annotated[LookingOptions, panel("What training asks of attention", 6)]
Changes = Annotated[ChangeOptions, panel("What training changes about pictures", 7)]
Choice = Annotated[CaptionChoice, panel("Which epoch is kept", 8)]
Training = Annotated[CaptionTraining, panel("Training", 9)]
Writing = Annotated[CaptionWriting, panel("Finding captions", 10)]

# Immutable, so they can be shared defaults.
_TABLE, _PICTURES, _CHANGES = CaptionTableOptions(), PictureOptions(), ChangeOptions()
_WORDS, _MODEL, _LOOKING = CaptionWords(), CaptionerOptions(), LookingOptions()
_CHOICE, _TRAINING, _WRITING = CaptionChoice(), CaptionTraining(), CaptionWriting()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CaptionOptions:
    """Every part of the configuration, a panel each.

    Attributes:
        table: how the table is read and split.
        pictures: their size, and the encoder that is trained along.
        changes: what training changes about them.
        text: the vocabulary.
        model: the model.
        looking: what training asks of attention.
        choice: which epoch is kept.
        training: optimisation.
        writing: how captions are found.
    """

    table: Table = _TABLE
    pictures: Pictures = _PICTURES
    changes: Changes = _CHANGES
    text: Words = _WORDS
    model: Model = _MODEL
    looking: Looking = _LOOKING
    choice: Choice = _CHOICE
    training: Training = _TRAINING
    writing: Writing = _WRITING

    def config(self) -> CaptionConfig:
        """The same, as the task has it."""
        return CaptionConfig(
            table=self.table,
            pictures=self.pictures,
            changes=self.changes,
            text=self.text,
            model=self.model,
            looking=self.looking,
            choice=self.choice,
            training=self.training,
            writing=self.writing,
        )


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class CaptionTrainOptions:
    """What and where.

    Attributes:
        out: folder that the model is saved in. While it is trained, DIR.run holds the log, the
            rejected rows and the checkpoint.
        valid: table to choose the epoch by; a part of TABLE if not given.
        test: table to judge by; a part of TABLE if not given.
        demo: train on drawn scenes that are built in; no file is read.
        dry_run: read the files, say what was guessed, rejected and found, and stop; nothing is
            trained.
        resume: go on from the checkpoint of an interrupted run.
        start: saved model to go on from; its vocabulary stays.
        config: TOML file of options; what is typed beside it holds.
        print_config: print all options as such a file, and stop.
        tensorboard: folder for TensorBoard's event files.
        json: print one JSON object in place of the tables.
    """

    out: Annotated[str | None, Parameter(name="--out", metavar="DIR")] = None
    valid: Annotated[str | None, Parameter(metavar="FILE")] = None
    test: Annotated[str | None, Parameter(metavar="FILE")] = None
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
            valid=self.valid,
            test=self.test,
            dry_run=self.dry_run,
            resume=self.resume,
            start=self.start,
            tensorboard=self.tensorboard,
            json=self.json,
        )
