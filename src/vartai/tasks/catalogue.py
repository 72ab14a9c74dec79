"""Every task by name. A new task is one more line here."""

from __future__ import annotations

from vartai.errors import unknown_name
from vartai.tasks.classify.task import ClassifyTask

TASKS: dict[str, type[ClassifyTask]] = {"classify": ClassifyTask}


def find_task(name: str) -> type[ClassifyTask]:
    """The task of this name.

    Raises:
        OptionError: there is none; lists those there are.
    """
    if name not in TASKS:
        raise unknown_name("task", name, TASKS)
    return TASKS[name]
