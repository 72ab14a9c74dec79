"""The entry point: arguments in, exit code out.

Nothing heavy is imported here, so the overview comes at once.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from vartai.cli.verbs import overview

_ASKS_FOR_OVERVIEW: tuple[list[str], ...] = ([], ["--help"], ["-h"], ["help"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what was typed after `vartai`; those of the process if not given.

    Returns:
        0 done, 1 failed, 2 the user's mistake, 130 stopped by Ctrl-C.
    """
    typed = list(sys.argv[1:] if arguments is None else arguments)
    # A terminal that cannot show a character gets it spelled out, not a crash.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if typed in _ASKS_FOR_OVERVIEW:
        try:
            print(overview(), flush=True)
        except BrokenPipeError:
            from vartai.cli.failures import FAILED, abandon_stdout

            abandon_stdout()
            return FAILED
        return 0
    if typed == ["--version"]:
        from importlib.metadata import version

        print(f"vartai {version('vartai')}")
        return 0
    from vartai.cli.app import build_app
    from vartai.cli.failures import run_guarded
    from vartai.cli.standard_input import call_with_hyphens

    app = build_app()
    return run_guarded(lambda: call_with_hyphens(app, typed))
