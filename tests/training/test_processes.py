"""Two processes do what one does: really started, through gloo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch
from tests.training.problem import OddProblem

from vartai.training.loop import train
from vartai.training.options import TrainingOptions
from vartai.training.processes import join_processes
from vartai.training.sitting import Sitting

OPTIONS = TrainingOptions(epochs=2, learning_rate=0.02, warmup=3, averaging=0.9)

ROOT = Path(__file__).parents[2]


def main(out: str) -> None:
    """What each process runs."""
    with join_processes() as processes:
        # Batches of five texts do not divide evenly, and the last of an epoch has fewer.
        problem = OddProblem(batch_size=5)
        train(problem, OPTIONS, sitting=Sitting(processes=processes))
        own = torch.arange(3.0) + processes.rank
        processes.copy_first(own)
        torch.save({"own": own, **problem.model.state_dict()}, f"{out}/{processes.rank}.pt")


def test_two_processes_do_what_one_does(tmp_path: Path) -> None:
    alone = OddProblem(batch_size=5)
    train(alone, OPTIONS, sitting=Sitting())
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "tests.training.test_processes", str(tmp_path)]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(tmp_path / f"{r}.pt", weights_only=True) for r in (0, 1))
    for name, value in alone.model.state_dict().items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], value, rtol=1e-3, atol=1e-5)
    assert second["own"].tolist() == first["own"].tolist() == [0.0, 1.0, 2.0]


if __name__ == "__main__":
    main(sys.argv[1])
