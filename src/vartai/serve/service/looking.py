"""The models of the service as the inspector opens them."""

from __future__ import annotations

import copy
from dataclasses import replace
from threading import Lock
from urllib.parse import quote

from vartai.serve.inspector.fields import fields_of
from vartai.serve.inspector.opened import OpenedModel
from vartai.serve.inspector.session import Session
from vartai.serve.service.models import ServedModels


class Looking:
    """Copies of models, made when they are first looked into.

    Whoever looks listens to what a model's parts compute, and would hear other clients' texts: so
    the model that answers them is another one.

    Args:
        models: that are served.
        behind: address of the page from which the inspector is reached, but for the name.
    """

    def __init__(self, models: ServedModels, *, behind: str) -> None:
        self._models = models
        self._behind = behind
        self._open: dict[str, Session] = {}
        self._making = Lock()

    def session(self, name: str) -> Session:
        """What is open of a model.

        Args:
            name: of the model.

        Raises:
            Refusal: there is no such model.
            OptionError: nothing of such a model can be looked at.
        """
        model = self._models.find(name, tasks=self._models.tasks)
        fields_of(model.task)
        with self._making:
            if name not in self._open:
                saved = replace(model.saved, task=copy.deepcopy(model.saved.task))
                self._open[name] = Session(
                    [OpenedModel(name, saved)], behind=self._behind + quote(name)
                )
            return self._open[name]
