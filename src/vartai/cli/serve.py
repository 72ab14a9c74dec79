"""`vartai serve`: its options. What needs torch or a server waits in `serve_run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups
from vartai.errors import OptionError, require_range
from vartai.serve.service.options import ServiceOptions


@Parameter(name="*", group=groups.MAIN)
@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Where models are served.

    Attributes:
        host: address of this machine; with 0.0.0.0 every machine of the network is answered.
        port: 0 for any that is free.
        workers: processes; with more than one no session is kept, as the next request may reach
            another: clients carry their states (/v1/step).
        json: print one JSON object.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    json: groups.JsonFlag = False

    def __post_init__(self) -> None:
        require_range("workers", self.workers, at_least=1, below=257)


_WHERE = ServeOptions()
_BOUNDS = ServiceOptions()


def serve(
    *models: Annotated[str, Parameter(group=groups.MAIN)],
    where: ServeOptions = _WHERE,
    bounds: Annotated[ServiceOptions, groups.panel("Bounds", 2)] = _BOUNDS,
) -> None:
    """Serve models over HTTP: predictions, and sessions that keep a model's state.

    Requests that come together are computed as one batch. SIGTERM and Ctrl-C end it when what was
    accepted is answered. The environment may bring VARTAI_TOKEN, which requests must then bear, and
    VARTAI_STATE_KEY, with which states are signed.

    Args:
        models: folders of trained models; each is called by its folder's name.
        where: where models are served.
        bounds: what the service takes on, and how long it waits.
    """
    if not models:
        raise OptionError("expected the folder of at least one model")
    from vartai.cli.serve_run import run_serve

    run_serve(models, where, bounds)
