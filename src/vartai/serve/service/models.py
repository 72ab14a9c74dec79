"""The models of the service, by name: opened once, at start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from vartai.bundle.trained import SavedTask, load_task
from vartai.errors import OptionError
from vartai.serve.service.line import Group
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.pictures import caption_group, require_pictures
from vartai.serve.service.refusals import Refusal
from vartai.serve.service.stepping import step_groups
from vartai.serve.service.tasks import VERBS
from vartai.stream.live import LiveModel
from vartai.stream.opening import open_live

TASKS = (*VERBS, "caption", "generate")
"""Whose models can be served."""
_READS = {"caption": "a picture, its file in base64", "generate": "a prompt"}


class ServedModel:
    """A model, and how its inputs are computed.

    Args:
        name: by which requests call it.
        saved: as it was loaded.
        options: of the service.
    """

    def __init__(self, name: str, saved: SavedTask, options: ServiceOptions) -> None:
        self.name = name
        self.saved = saved
        self.live: LiveModel[Any] | None = None
        self.refusal = ""
        delay = options.tag_delay if saved.name == "tag" else 0
        try:
            self.live = open_live(saved.name, saved.task, delay=delay)
            _ = self.live.digest  # computed now, not when the first state is asked for
        except OptionError as error:
            self.refusal = str(error)
        self.step = step_groups(options.batch)
        self.predict: Group | None = None
        self.caption: Group | None = None
        if saved.name == "caption":
            require_pictures(saved.task, name)
            self.caption = caption_group(saved.task, options)
        if saved.name in VERBS:
            verb = VERBS[saved.name]
            self.predict = Group("predict", lambda i: verb.compute(saved.task, i), options.batch)

    @property
    def task(self) -> str:
        """Name of its task."""
        return self.saved.name

    def require_live(self) -> LiveModel[Any]:
        """What its sessions share.

        Raises:
            Refusal: it has none; says why.
        """
        if self.live is None:
            raise Refusal(409, f"{self.name} keeps no state: {self.refusal}")
        return self.live

    def facts(self) -> dict[str, Any]:
        """What `/v1/models` tells of it."""
        verbs = [] if self.predict is None else ["predict"]
        if self.task != "classify":
            verbs.append(self.task)
        return {
            "name": self.name,
            "task": self.task,
            "verbs": verbs,
            "reads": VERBS[self.task].reads if self.task in VERBS else _READS[self.task],
            "streams": self.live is not None,
            "no_stream_because": self.refusal or None,
            "inspector": f"/inspect/{quote(self.name, safe='')}/" if find_spec("plotly") else None,
            "facts": self.saved.task.facts() if hasattr(self.saved.task, "facts") else {},
        }


class ServedModels:
    """All models of a service.

    Args:
        models: each of a name of its own.
    """

    def __init__(self, models: Sequence[ServedModel]) -> None:
        self.by_name: Mapping[str, ServedModel] = {model.name: model for model in models}

    @classmethod
    def load(cls, folders: Sequence[Path], options: ServiceOptions) -> ServedModels:
        """Open bundles; each is called by its folder's name.

        Raises:
            BundleError: one is missing, damaged or hostile; names it.
            OptionError: two have the same name, one is for another task, or a captioner reads
                annotations.
        """
        names = [folder.resolve().name for folder in folders]
        saved = [load_task(folder) for folder in folders]
        for name, each in zip(names, saved, strict=True):
            if each.name not in TASKS:
                raise OptionError(
                    f"{name} is a model for {each.name}, which is not served; those for "
                    f"{', '.join(sorted(TASKS))} are"
                )
        for name in names:
            if names.count(name) > 1:
                raise OptionError(
                    f"two models are called {name!r}, as their folders are: rename one of them"
                )
        return cls(
            [ServedModel(name, each, options) for name, each in zip(names, saved, strict=True)]
        )

    @property
    def tasks(self) -> Sequence[str]:
        """Tasks of the models."""
        return [model.task for model in self.by_name.values()]

    def find(self, name: str | None, *, tasks: Sequence[str]) -> ServedModel:
        """The model that a request means.

        Args:
            name: as given; None for the only one of the tasks.
            tasks: that can do what is asked.

        Raises:
            Refusal: there is no such model, or none or several that could be meant, or it is for
                another task.
        """
        fitting = [model for model in self.by_name.values() if model.task in tasks]
        if name is None:
            if len(fitting) == 1:
                return fitting[0]
            found = ", ".join(model.name for model in fitting) or "none"
            raise Refusal(
                404 if not fitting else 400,
                f"model: expected a name, as not exactly one model here is for "
                f"{' or '.join(tasks)}: {found}",
            )
        if name not in self.by_name:
            raise Refusal(404, f"unknown model {name!r:.80}; known: {', '.join(self.by_name)}")
        model = self.by_name[name]
        if model not in fitting:
            raise Refusal(
                409, f"{name} is a model for {model.task}; expected one for {' or '.join(tasks)}"
            )
        return model
