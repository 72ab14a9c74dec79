"""Small networks in the place of torchvision and timm, by the calls that are made of those."""

from __future__ import annotations

import sys
import types

import pytest
import torch
from torch import Tensor, nn


class Net(nn.Module):
    """As the networks of those libraries: a feature map, pooled, then classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 4, stride=4)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, 2, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(6, 10)

    def map_of(self, x: Tensor) -> Tensor:
        found: Tensor = self.conv2(self.bn1(self.conv1(x)))
        return found

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.fc(self.avgpool(self.map_of(x)).flatten(1))
        return pooled


class Telling(Net):
    """As networks of timm, which tell their feature maps when asked."""

    def __init__(self) -> None:
        super().__init__()
        self.default_cfg = {"input_size": (3, 48, 48), "mean": (0.5,) * 3, "std": (0.25,) * 3}

    def forward_intermediates(
        self, x: Tensor, *, indices: int, norm: bool, output_fmt: str, intermediates_only: bool
    ) -> list[Tensor]:
        assert (indices, norm, output_fmt, intermediates_only) == (1, True, "NCHW", True)
        return [self.map_of(x) + 1]


class Squeezing(Net):
    """As networks that weigh the channels of a map by its mean, and norm what they pooled."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.weigh = nn.Conv2d(4, 4, 1)
        self.last = nn.Conv2d(4, 6, 2, stride=2)
        self.norm = nn.BatchNorm2d(6)

    def forward(self, x: Tensor) -> Tensor:
        early = self.conv1(x)
        found = self.last(early * self.weigh(self.pool(early)))
        pooled: Tensor = self.fc(self.norm(self.avgpool(found)).flatten(1))
        return pooled


class Flat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)


class Rows(nn.Module):
    """As transformers: places in a square at first, then in a row that parts work on."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 4, 4, stride=4)
        self.norm = nn.LayerNorm(4)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.norm(self.patches(x).flatten(2).transpose(1, 2))
        return found.mean(1)


class ChannelsLast(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 4, 4, stride=4)
        self.norm = nn.LayerNorm(4)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.norm(self.patches(x).permute(0, 2, 3, 1))
        return found


def _offline() -> nn.Module:
    raise OSError("no route\nto host")


NETWORKS = {
    "small": Net,
    "flat": Flat,
    "squeezing": Squeezing,
    "rows": Rows,
    "channels-last": ChannelsLast,
    "telling": Telling,
    "offline": _offline,
}


def put_stand_ins(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Put stand-ins for both libraries in place; returns what they are asked to build."""
    asked: list[object] = []
    for name in ("torchvision.models", "timm"):
        _put(name, monkeypatch, asked)
    return asked


def _put(name: str, monkeypatch: pytest.MonkeyPatch, asked: list[object]) -> None:
    library = types.ModuleType(name)

    def build(network: str, **options: object) -> nn.Module:
        asked.append((network, options))
        torch.manual_seed(1)
        return NETWORKS[network.partition(".")[0]]()

    def names(*, module: object = library, pretrained: bool = False) -> list[str]:
        assert module is library
        return ["small.tag"] if pretrained else list(NETWORKS)

    library.list_models = names  # type: ignore[attr-defined]
    library.get_model = library.create_model = build  # type: ignore[attr-defined]
    library.get_model_weights = lambda _: ()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name.partition(".")[0], types.ModuleType(name))
    monkeypatch.setitem(sys.modules, name, library)
