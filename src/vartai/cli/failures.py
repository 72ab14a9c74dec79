"""From what goes wrong to one line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from cyclopts import CycloptsError

from vartai.errors import UserError, VartaiError

DONE, FAILED, MISTAKE, INTERRUPTED = 0, 1, 2, 130


def run_guarded(command: Callable[[], int | None]) -> int:
    """Run a command and turn its end, whatever it is, into an exit code.

    A mistake of ours is not caught: its traceback is what a bug report needs.
    """
    try:
        code = command()
        sys.stdout.flush()
    except CycloptsError as error:
        words = " ".join(["vartai", *(error.command_chain or ())])
        return _fail(f"{error} ({words} --help tells what there is)", MISTAKE)
    except UserError as error:
        return _fail(str(error), MISTAKE)
    except VartaiError as error:
        return _fail(str(error), FAILED)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        abandon_stdout()
        return FAILED
    except OSError as error:
        abandon_stdout()
        place = "" if error.filename is None else f"{error.filename}: "
        return _fail(f"{place}{error.strerror or error}", FAILED)
    return DONE if code is None else code


def _fail(problem: str, code: int) -> int:
    # Of several processes that train together and fail alike, the first one speaks.
    if os.environ.get("RANK", "0") == "0":
        print(f"vartai: error: {' '.join(problem.split())}", file=sys.stderr)
    return code


def abandon_stdout() -> None:
    """Nobody reads on: what is still buffered goes nowhere, or Python would complain at exit."""
    try:
        descriptor = sys.stdout.fileno()
    except OSError:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
