"""Pictures in, lines out: as many, in the same order, a few pictures at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from vartai.bundle.trained import SavedTask
from vartai.cli.caption.look import require_look_file, write_looks
from vartai.cli.caption.verb import LookOptions
from vartai.cli.voice import Voice
from vartai.data.captions import OpenFile
from vartai.errors import InputError, OptionError, require_range
from vartai.images.opening import read_picture
from vartai.tasks.caption.config import CaptionWriting
from vartai.tasks.caption.opening import opener
from vartai.tasks.caption.pretrained import load_encoder
from vartai.tasks.caption.task import Caption, CaptionTask

_AT_ONCE = 64


def run_pictures(saved: SavedTask, pictures: Sequence[str], how: LookOptions) -> None:
    """Describe, write, and say what was noticed.

    Raises:
        OptionError: options that do not go together.
        InputError: none of the pictures can be read.
    """
    task: CaptionTask = saved.task
    search = _search(task, how)
    voice = Voice(json=how.json)
    if how.attention is not None:
        if len(pictures) != 1:
            raise OptionError(f"--attention shows one picture; expected one, found {len(pictures)}")
        if task.config.model.attention == "none":
            raise OptionError("--attention has nothing to show: this model sees all places alike")
        require_look_file(Path(how.attention), picture=Path(pictures[0]))
    open_file = _opener(task, pictures, how)
    read = 0
    faults: list[InputError] = []
    for start in range(0, len(pictures), _AT_ONCE):
        names = pictures[start : start + _AT_ONCE]
        opened = [_open(open_file, name, voice) for name in names]
        found = [each for each in opened if isinstance(each, Tensor)]
        read += len(found)
        faults += [each for each in opened if isinstance(each, InputError)]
        made = iter(_described(task, found, search, how.n_best))
        for name, each in zip(names, opened, strict=True):
            own = next(made) if isinstance(each, Tensor) else []
            fault = each if isinstance(each, InputError) else None
            if fault is not None and (read or len(pictures) > 1):
                voice.say(str(fault))
            _write(name, own, fault, json_lines=how.json)
            if how.attention is not None and isinstance(each, Tensor):
                looks = task.looks(each, own[0].words, search)
                target = Path(how.attention)
                seen = _pixels(task, name, each)
                voice.say_all(write_looks(looks, seen, caption=own[0].text, path=target))
                voice.say(f"Where it looked is in {how.attention}.")
    if not read:
        raise faults[0] if len(faults) == 1 else _none_of(len(faults))


def _none_of(count: int) -> InputError:
    return InputError(f"expected a picture that can be read, found none in {count:,} files")


def _search(task: CaptionTask, how: LookOptions) -> CaptionWriting:
    require_range("n_best", how.n_best, at_least=1)
    if not how.json and how.n_best > 1:
        raise OptionError("--n-best writes several captions of a picture; it needs --json")
    own = task.config.writing
    search = replace(
        own,
        beam=max(own.beam, how.n_best) if how.beam is None else how.beam,
        length_penalty=own.length_penalty if how.length_penalty is None else how.length_penalty,
        glance=own.glance if how.glance is None else how.glance,
    )
    if how.n_best > search.beam:
        raise OptionError(f"--n-best {how.n_best} is more than the beam of {search.beam} finds")
    return search


def _opener(task: CaptionTask, pictures: Sequence[str], how: LookOptions) -> OpenFile:
    """Opens pictures; of a captioner trained on features, with the encoder that made them."""
    given = task.config.model.encoder == "given"
    if how.weights is not None and not given:
        raise OptionError("--weights has no use here: this captioner has its own encoder")
    annotate = None
    if given and not all(map(_is_annotation, pictures)):
        weights = None if how.weights is None else Path(how.weights)
        annotate = load_encoder(task.config.pictures, weights=weights)
    return opener(task.config, trained=True, annotate=annotate)


def _is_annotation(name: str) -> bool:
    return name.lower().endswith(".npy")


def _open(open_file: OpenFile, name: str, voice: Voice) -> Tensor | InputError:
    try:
        opened = open_file(Path(name))
    except InputError as error:
        return error
    voice.say_all(opened.notes)
    return opened.values


def _pixels(task: CaptionTask, name: str, opened: Tensor) -> Tensor:
    """A picture as it was looked at, to paint on; annotations where there is none."""
    if opened.dim() == 3 or _is_annotation(name):
        return opened
    return read_picture(name, size=task.config.pictures.picture_size).values


def _described(
    task: CaptionTask, pictures: Sequence[Tensor], search: CaptionWriting, best: int
) -> list[list[Caption]]:
    return task.alternatives(torch.stack(list(pictures)), search, best=best) if pictures else []


def _write(
    name: str, captions: Sequence[Caption], fault: InputError | None, *, json_lines: bool
) -> None:
    if json_lines:
        made = {
            "image": name,
            "captions": [asdict(one) for one in captions],
            "error": None if fault is None else fault.problem,
        }
        print(json.dumps(made, ensure_ascii=False))
    else:
        print(captions[0].text if captions else "")
    sys.stdout.flush()
