"""Every task by name. A new task is one more line here.

A task's module is imported when a model of that task is at hand, so nothing pays for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from vartai.errors import unknown_name
from vartai.tasks.parts import Task


class Entry(NamedTuple):
    """Where a task is found, as ``module:name``.

    Args:
        task: the class of a trained task.
        config: the frozen dataclass of everything a person can choose about it.
        demo: a function without arguments that gives the options of ``--demo``, part by part, as
            far as they are not the usual ones; empty where they are.
    """

    task: str
    config: str
    demo: str = ""


TASKS = {
    "answer": Entry(
        "vartai.tasks.answer.task:AnswerTask", "vartai.tasks.answer.config:AnswerConfig"
    ),
    "caption": Entry(
        "vartai.tasks.caption.task:CaptionTask",
        "vartai.tasks.caption.config:CaptionConfig",
        "vartai.tasks.caption.demo:demo_options",
    ),
    "classify": Entry(
        "vartai.tasks.classify.task:ClassifyTask", "vartai.tasks.classify.config:ClassifyConfig"
    ),
    "generate": Entry(
        "vartai.tasks.generate.task:GenerateTask", "vartai.tasks.generate.config:GenerateConfig"
    ),
    "tag": Entry("vartai.tasks.tag.task:TagTask", "vartai.tasks.tag.config:TagConfig"),
    "translate": Entry(
        "vartai.tasks.translate.task:TranslateTask",
        "vartai.tasks.translate.config:TranslateConfig",
        "vartai.tasks.translate.demo:demo_options",
    ),
}


def find_task(name: str) -> type[Task]:
    """The task of this name.

    Raises:
        OptionError: there is none; lists those there are.
    """
    found: type[Task] = _import(_entry(name).task)
    return found


def find_config(name: str) -> type[Any]:
    """The configuration of the task of this name.

    Raises:
        OptionError: there is none; lists those there are.
    """
    found: type[Any] = _import(_entry(name).config)
    return found


def find_demo_options(name: str) -> Mapping[str, Mapping[str, Any]]:
    """Options of ``--demo`` of the task of this name that are not the usual ones, part by part.

    Raises:
        OptionError: there is none; lists those there are.
    """
    demo = _entry(name).demo
    found: Mapping[str, Mapping[str, Any]] = _import(demo)() if demo else {}
    return found


def _entry(name: str) -> Entry:
    if name not in TASKS:
        raise unknown_name("task", name, TASKS)
    return TASKS[name]


def _import(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
