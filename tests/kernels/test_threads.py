"""Threads of the compiled core: several callers at once, and a process that forks."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from vartai.nn.gru import GRU
from vartai.sequences import SequenceBatch

FORKED = """
import os, torch
from vartai.nn.gru import GRU
torch.set_num_threads(2)
torch.manual_seed(0)
layer, inputs = GRU(6, 12), torch.randn(9, 20, 6)
with torch.inference_mode():
    torch.randn(300, 300) @ torch.randn(300, 300)
    wanted = layer(inputs)[0]
    child = os.fork()
    if child == 0:
        os._exit(0 if torch.equal(layer(inputs)[0], wanted) else 1)
assert os.waitpid(child, 0)[1] == 0
"""


def test_callers_at_the_same_time_do_not_disturb_each_other() -> None:
    layer = GRU(6, 12, bidirectional=True)
    random = torch.Generator().manual_seed(0)
    batches = [
        SequenceBatch(
            torch.randn(40 + 3 * place, 6, generator=random), torch.tensor([40, 0, 3 * place])
        )
        for place in range(24)
    ]

    def run(batch: SequenceBatch) -> Tensor:
        outputs: Tensor = layer(batch)[0].data.detach()
        return outputs

    wanted = [run(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        for found, expected in zip(pool.map(run, batches), wanted, strict=True):
            assert torch.equal(found, expected)


def test_a_forked_process_computes_on_threads_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("threads", [2, 3])
def test_results_are_the_same_while_threads_of_torch_still_wait_for_work(threads: int) -> None:
    layer, inputs = GRU(6, 12), torch.randn(9, 40, 6)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        wanted = layer(inputs)[0]
        time.sleep(0.1)  # until they sleep
        after_a_rest = layer(inputs)[0]
        for _ in range(20):
            torch.randn(300, 300) @ torch.randn(300, 300)
            assert torch.equal(layer(inputs)[0], wanted)
        assert torch.equal(after_a_rest, wanted)
    finally:
        torch.set_num_threads(before)


def test_a_team_of_another_size_does_the_same_work() -> None:
    layer, inputs = GRU(6, 12), torch.randn(9, 40, 6)
    before = torch.get_num_threads()
    try:
        for threads in (4, 2, 3, 1, 4):
            torch.set_num_threads(threads)
            torch.randn(300, 300) @ torch.randn(300, 300)
            with torch.inference_mode():
                together = layer(inputs)[0]
                alone = layer(inputs[:, :1])[0]
            assert torch.equal(together[:, :1], alone)
    finally:
        torch.set_num_threads(before)
