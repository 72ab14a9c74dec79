"""The service as a process: its address, its secrets, one worker or several, and its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from vartai.errors import OptionError, require_range
from vartai.serve.service.application import build_service
from vartai.serve.service.heads import PromptHeads
from vartai.serve.service.logs import log_to_stderr
from vartai.serve.service.models import ServedModels
from vartai.serve.service.options import ServiceOptions
from vartai.serve.service.signing import Signer, new_key

TOKEN, KEY = "VARTAI_TOKEN", "VARTAI_STATE_KEY"
"""Variables of the environment that hold the secrets; arguments can be read by others."""
_PLAN = "VARTAI_SERVICE_PLAN"
_LOCAL = ("127.0.0.1", "localhost", "::1")
SHORTEST_TOKEN = 16
_GRACE = 30
"""Seconds that requests in progress get when the service is stopped."""
_SILENT = 60
"""Seconds after which a worker that says nothing is started anew: loading models takes some."""
# The compute thread and the event loop take turns more often than Python's 5 ms.
_SWITCH = 0.001


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a process serves; secrets stay in the environment.

    Args:
        folders: of the models.
        options: of the service.
        local: whether only this machine is served.
        workers: processes.
    """

    folders: Sequence[str]
    options: ServiceOptions
    local: bool
    workers: int

    def build(self, environment: Mapping[str, str]) -> FastAPI:
        """The application.

        Raises:
            BundleError: a model cannot be loaded.
            OptionError: two models have one name, or a secret is too short.
        """
        token = environment.get(TOKEN)
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise OptionError(
                f"{TOKEN}: expected at least {SHORTEST_TOKEN} characters, found {len(token)}"
            )
        return build_service(
            ServedModels.load([Path(folder) for folder in self.folders], self.options),
            self.options,
            signer=Signer(environment[KEY], ttl=self.options.state_ttl),
            token=token,
            local=self.local,
            keeps=self.workers == 1,
        )


def is_local(host: str) -> bool:
    """Whether an address is of this machine only."""
    return host in _LOCAL


def listen(host: str, port: int) -> socket.socket:
    """Take a port.

    Args:
        host: an address or name of this machine.
        port: 0 for any that is free.

    Raises:
        OptionError: it is in use, may not be used, or is no port; or the host is not this machine.
    """
    require_range("port", port, at_least=0, below=65536)
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind)
    except OSError as error:
        raise OptionError(f"host {host!r}: {error.strerror}") from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(1024)
        taken.set_inheritable(True)
    except OSError as error:
        taken.close()
        raise OptionError(f"{host} port {port}: {error.strerror}; --port 0 takes a free one") from (
            error
        )
    return taken


def ensure_key(environment: dict[str, str]) -> bool:
    """Make a key for states if the environment brings none; whether one was made."""
    if KEY in environment:
        return False
    environment[KEY] = new_key()
    return True


def run(app: FastAPI, listening: socket.socket) -> None:
    """Serve with this process until SIGTERM or Ctrl-C; what was accepted is finished.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    log_to_stderr()
    sys.setswitchinterval(_SWITCH)
    # The server raises the signal that stopped it again: SIGTERM is the wish, and no failure.
    before = signal.signal(signal.SIGTERM, _go_on)
    try:
        _Server(_config(app), app).run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)


def run_workers(plan: Plan, listening: socket.socket) -> None:
    """Serve with several processes, started anew if one dies, until SIGTERM or Ctrl-C."""
    facts = {**asdict(plan), "folders": list(plan.folders)}
    os.environ[_PLAN] = json.dumps(facts)
    config = _config("vartai.serve.service.running:worker")
    config.factory = True
    config.workers = plan.workers
    Multiprocess(config, [listening]).run()


def worker() -> FastAPI:
    """The application of one of several processes, by the plan that the first one left."""
    log_to_stderr()
    sys.setswitchinterval(_SWITCH)
    facts: dict[str, Any] = json.loads(os.environ[_PLAN])
    options = ServiceOptions(**facts.pop("options"))
    return Plan(options=options, **facts).build(os.environ)


class _Server(uvicorn.Server):
    """Says at once that it is stopping, so that nothing new is sent here."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.work.stopping.set()
        super().handle_exit(sig, frame)


def _config(app: FastAPI | str) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="none",
        http=PromptHeads,
        log_level="critical",
        access_log=False,
        server_header=False,
        backlog=1024,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE,
        timeout_worker_healthcheck=_SILENT,
    )


def _go_on(number: int, frame: FrameType | None) -> None:
    del number, frame
