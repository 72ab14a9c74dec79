"""The log of a run: every epoch, few of the steps, and what was there before if it goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vartai.errors import SaveError
from vartai.training.events import EpochDone, StepDone, Stopped
from vartai.training.log import open_log

STEP = StepDone(
    "training", 1, 4, 1, 9, loss=0.5, accuracy=0.7, tokens_per_second=10.0, seconds_left=3.0
)
EPOCH = EpochDone("training", 1, 4, 0.5, 0.7, 0.6, 0.65, measure="accuracy", seconds=2.0, best=True)


def _events(path: Path) -> list[str]:
    return [json.loads(line)["event"] for line in path.read_text().splitlines()]


def test_steps_come_once_a_second_and_epochs_always(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with open_log(path, resume=False) as log:
        for _ in range(50):
            log(STEP)
        log(EPOCH)
        log(Stopped("training", "epochs", 2.0))
    assert _events(path) == ["StepDone", "EpochDone", "Stopped"]


def test_a_resumed_run_writes_on_and_a_new_one_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for resume in (False, True):
        with open_log(path, resume=resume) as log:
            log(EPOCH)
    assert len(_events(path)) == 2
    with open_log(path, resume=False) as log:
        log(EPOCH)
    assert len(_events(path)) == 1


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(SaveError, match="the log could not be written"),
        open_log(tmp_path / "absent" / "log.jsonl", resume=False),
    ):
        pass
