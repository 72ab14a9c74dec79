"""sb3-contrib: one update of RecurrentPPO after a rollout on CartPole.

The policy steps through each sequence by itself wherever an episode starts, so most of its calls
have one step. Everything is the package's default, but for one epoch in place of ten: with one
environment its rollout of 128 steps is one batch, and an epoch one training step.
"""

from __future__ import annotations

import torch
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.env_util import make_vec_env
from torch import Tensor

from benchmarks.third_party.contest import Subject, run, seed_all

STEPS = 128


def make() -> Subject:
    """An agent with a full rollout buffer."""
    environment = make_vec_env("CartPole-v1", seed=0)
    agent = RecurrentPPO("MlpLstmPolicy", environment, n_epochs=1, seed=0, device="cpu")
    agent.learn(STEPS)
    observations = environment.reset()
    size = agent.policy.lstm_hidden_state_shape
    states = tuple(torch.zeros(size[0], 1, size[2]).numpy() for _ in range(2))
    starts = torch.zeros(1, dtype=torch.bool).numpy()

    def infer() -> Tensor:
        agent.policy.set_training_mode(False)
        _, state = agent.policy.predict(observations, states, starts, deterministic=True)
        return torch.from_numpy(state[0])

    def train() -> None:
        seed_all()
        agent.train()

    return Subject(
        package="sb3-contrib",
        sizes=f"RecurrentPPO MlpLstmPolicy, H 256, one environment, {STEPS} steps",
        model=agent.policy,
        infer=infer,
        train=train,
    )


if __name__ == "__main__":
    run(make)
