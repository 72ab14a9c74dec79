"""`vartai inspect`: the model is opened, then the page served or the report written."""

from __future__ import annotations

import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vartai.cli.inspect import InspectOptions
from vartai.cli.sizes import format_bytes
from vartai.cli.voice import Voice
from vartai.errors import MissingExtra

if TYPE_CHECKING:
    from vartai.serve.inspector.session import Session

_NEEDED = ("fastapi", "plotly", "uvicorn")


def run_inspect(model: str, texts: tuple[str, ...], options: InspectOptions) -> None:
    """Serve the page until Ctrl-C, or write the report."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise MissingExtra("Looking into a model", extra="inspect")
    from vartai.serve.inspector.corpus import read_corpus_file
    from vartai.serve.inspector.opened import OpenedModel
    from vartai.serve.inspector.session import Session

    voice = Voice(json=options.json)
    folders = [model] if options.beside is None else [model, options.beside]
    opened = [OpenedModel.load(Path(folder)) for folder in folders]
    corpus = None
    if options.corpus is not None:
        natural = opened[0].saved.name != "tag"
        corpus = read_corpus_file(options.corpus, options.column, natural=natural)
        voice.say_all(corpus.notes)
    session = Session(opened, texts=texts, what_if=options.what_if, corpus=corpus)
    session.require_texts()
    if options.html is not None:
        _write(voice, session, Path(options.html))
    else:
        _serve(voice, session, options)


def _write(voice: Voice, session: Session, path: Path) -> None:
    from vartai.serve.inspector.report import write_report

    size = write_report(session, path)
    voice.tell(f"{path}: {format_bytes(size)}, in one file that needs no network")
    voice.answer({"report": str(path), "bytes": size})


def _serve(voice: Voice, session: Session, options: InspectOptions) -> None:
    from vartai.serve.app import build_app
    from vartai.serve.guard import loopback_hosts
    from vartai.serve.inspector.page import served_page
    from vartai.serve.inspector.questions import LARGEST_BODY
    from vartai.serve.inspector.routes import inspector_routes
    from vartai.serve.running import LOOPBACK, listen, port_of, serve

    listening = listen(options.port)
    port = port_of(listening)
    app = build_app(
        inspector_routes(session),
        hosts=loopback_hosts(port),
        largest_body=LARGEST_BODY,
        policy=served_page().policy,
    )
    address = f"http://{LOOPBACK}:{port}/"
    voice.tell(address)
    voice.answer({"address": address})
    # Whoever reads this from a pipe waits for it.
    sys.stdout.flush()
    voice.say("Open it in a browser on this machine. Ctrl-C ends it.")
    if not options.no_open:
        _open(address)
    serve(app, listening)


def _open(address: str) -> None:
    """Show the page, unless the only browser would take over this terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(address)
