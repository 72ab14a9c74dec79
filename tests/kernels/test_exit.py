"""The end of a process that used the compiled core."""

from __future__ import annotations

import subprocess
import sys

ENDS_WITH_A_GRAPH = """
import torch
from vartai.nn import GRU, MinGRU
losses = [layer(torch.randn(5, 2, 3))[0].sum() for layer in (GRU(3, 4), MinGRU(3, 4))]
"""


def test_a_script_that_ends_with_a_loss_in_a_variable_says_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS_WITH_A_GRAPH], capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
