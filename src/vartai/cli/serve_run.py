"""`vartai serve`: models are opened, a port is taken, and requests are answered."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from vartai.cli.serve import ServeOptions
from vartai.cli.voice import Voice
from vartai.errors import MissingExtra
from vartai.serve.service.options import ServiceOptions

_NEEDED = ("fastapi", "prometheus_client", "uvicorn")


def run_serve(models: tuple[str, ...], where: ServeOptions, bounds: ServiceOptions) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise MissingExtra("Serving models", extra="serve")
    from vartai.serve.service.running import (
        KEY,
        TOKEN,
        Plan,
        ensure_key,
        is_local,
        listen,
        run,
        run_workers,
    )

    voice = Voice(json=where.json)
    made = ensure_key(os.environ)  # type: ignore[arg-type]
    local = is_local(where.host)
    plan = Plan(folders=models, options=bounds, local=local, workers=where.workers)
    app = plan.build(os.environ)
    listening = listen(where.host, where.port)
    shown = f"[{where.host}]" if ":" in where.host else where.host
    address = f"http://{shown}:{listening.getsockname()[1]}/"
    names = list(app.state.work.models.by_name)
    voice.tell(address)
    voice.answer({"address": address, "models": names, "workers": where.workers})
    # Whoever reads this from a pipe waits for it.
    sys.stdout.flush()
    voice.say(f"Serving {', '.join(names)}; {address}openapi.json lists what can be asked.")
    if made:
        voice.say(
            f"States are signed with a key made for this run; {KEY} brings one that other replicas "
            "and later runs share."
        )
    if TOKEN not in os.environ and not local:
        voice.say(f"Every machine that reaches this address is answered: {TOKEN} asks for a token.")
    if where.workers == 1:
        run(app, listening)
        return
    voice.say(
        f"{where.workers} workers keep no sessions: clients carry their states (POST /v1/step)."
    )
    run_workers(plan, listening)
