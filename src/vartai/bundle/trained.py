"""Trained tasks in bundles: where files meet what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from vartai.bundle.contents import BundleContents
from vartai.bundle.reading import read_bundle
from vartai.bundle.tensors import require_tensors
from vartai.bundle.writing import write_bundle
from vartai.errors import BundleError, OptionError
from vartai.tasks.catalogue import find_task
from vartai.tasks.parts import Task, TaskParts


@dataclass(frozen=True, eq=False)
class SavedTask:
    """A task as it was found in a bundle.

    Args:
        name: of the task, such as ``classify``.
        task: ready to be used: of the class that `find_task` gives for the name.
        metrics: what was measured when it was trained.
        card: the model card, in Markdown.
    """

    name: str
    task: Any
    metrics: Mapping[str, Any]
    card: str


def save_task(
    folder: Path, name: str, task: Task, *, metrics: Mapping[str, Any], card: str
) -> None:
    """Write a trained task as a bundle; an older bundle in its place survives any failure.

    Raises:
        SaveError: it could not be written.
        OptionError: something that is no bundle is in the way.
    """
    parts = task.to_parts()
    contents = BundleContents(
        task=name,
        config=parts.config,
        tensors=parts.tensors,
        tokenizer=parts.tokenizer,
        metrics=metrics,
        card=card,
    )
    write_bundle(folder, contents)


def load_task(folder: Path) -> SavedTask:
    """Read a trained task from a bundle.

    Raises:
        BundleError: the bundle is damaged, hostile, of another version, or its parts do not fit
            together; names file and fault.
    """
    contents = read_bundle(folder)
    parts = TaskParts(contents.config, contents.tensors, contents.tokenizer)
    try:
        kind = find_task(contents.task)
        expected = kind.shapes(parts)
        require_tensors(expected, _checked_here(kind, parts), where="model.safetensors")
        task = kind.from_parts(parts)
    except (BundleError, OptionError) as error:
        raise BundleError(f"{folder}: {error}") from error
    return SavedTask(contents.task, task, contents.metrics, contents.card)


def _checked_here(kind: type[Task], parts: TaskParts) -> dict[str, NDArray[Any]]:
    apart = kind.CHECKED_APART
    return {
        name: value
        for name, value in parts.tensors.items()
        if apart is None or not name.startswith(apart)
    }
