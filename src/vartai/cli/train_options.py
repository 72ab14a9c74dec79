"""Options of `vartai train …` that say what and where, not how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import FLAG, MAIN, JsonFlag


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """What and where.

    Attributes:
        out: folder that the model is saved in. While it is trained, DIR.run holds the log, the
            rejected rows and the checkpoint.
        valid: table to choose the epoch by; a part of TABLE if not given.
        test: table to judge by; a part of TABLE if not given.
        dry_run: read the files, say what was guessed, rejected and found, and stop; nothing is
            trained.
        resume: go on from the checkpoint of an interrupted run.
        start: saved model to go on from; its vocabulary is extended by the new texts.
        config: TOML file of options; what is typed beside it holds.
        print_config: print all options as such a file, and stop.
        tensorboard: folder for TensorBoard's event files.
        json: print one JSON object in place of the tables.
    """

    out: Annotated[str | None, Parameter(name="--out", metavar="DIR")] = None
    valid: Annotated[str | None, Parameter(metavar="FILE")] = None
    test: Annotated[str | None, Parameter(metavar="FILE")] = None
    dry_run: Annotated[bool, FLAG] = False
    resume: Annotated[bool, FLAG] = False
    start: Annotated[str | None, Parameter(name="--from", metavar="MODEL")] = None
    config: Annotated[str | None, Parameter(metavar="FILE")] = None
    print_config: Annotated[bool, FLAG] = False
    tensorboard: Annotated[str | None, Parameter(metavar="DIR")] = None
    json: JsonFlag = False


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class TextTrainOptions(TrainOptions):
    """The same, for a task whose reader can be pretrained.

    Attributes:
        unlabelled: further files of texts, to pretrain on; their labels, if any, are not read.
        streaming: a model that vartai stream can run: it reads in one direction.
    """

    unlabelled: Annotated[
        tuple[str, ...], Parameter(metavar="FILE", negative_iterable=(), show_default=False)
    ] = ()
    streaming: Annotated[bool, FLAG] = False


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class TagTrainOptions(TextTrainOptions):
    """The same, for a task that also has a built-in corpus.

    Attributes:
        demo: train on a built-in generated corpus, in place of a file.
    """

    demo: Annotated[bool, FLAG] = False
