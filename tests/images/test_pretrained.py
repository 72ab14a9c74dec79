from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from vartai.errors import InputError, OptionError
from vartai.images.pretrained import MEAN, SPREAD, load_pretrained

ZIP = b"PK\x05\x06" + bytes(18)  # an archive with nothing in it


class Net(nn.Module):
    """As the networks of those libraries: a feature map, pooled, then classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 4, stride=4)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, 2, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(6, 10)

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.fc(self.avgpool(self.conv2(self.bn1(self.conv1(x)))).flatten(1))
        return pooled


class Flat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)


def stand_in(name: str, monkeypatch: pytest.MonkeyPatch, asked: list[object]) -> None:
    """The part of torchvision.models, or of timm, that is used."""
    library = types.ModuleType(name)
    networks = {"small": Net, "flat": Flat}

    def build(network: str, **options: object) -> nn.Module:
        asked.append((network, options))
        torch.manual_seed(1)
        return networks[network]()

    library.list_models = lambda: list(networks)  # type: ignore[attr-defined]
    library.get_model = library.create_model = build  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name.partition(".")[0], types.ModuleType(name))
    monkeypatch.setitem(sys.modules, name, library)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the stand-ins for both libraries were asked to build."""
    found: list[object] = []
    stand_in("torchvision.models", monkeypatch, found)
    stand_in("timm", monkeypatch, found)
    return found


def pictures() -> Tensor:
    return torch.randint(0, 256, (2, 3, 32, 32), generator=torch.Generator().manual_seed(1)).byte()


def weights(seed: int = 2) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return Net().state_dict()


def test_annotations_are_the_last_feature_map_of_scaled_pictures(
    tmp_path: Path, asked: list[object]
) -> None:
    path = tmp_path / "small.safetensors"
    safetensors.torch.save_file(weights(), path)
    encoder = load_pretrained("torchvision:small", weights=path, picture_size=32)
    assert asked == [("small", {"weights": None})]
    assert (encoder.annotations, encoder.size) == (16, 6)
    net = Net().eval()
    net.load_state_dict(weights())
    mean, spread = (torch.tensor(each).view(3, 1, 1) for each in (MEAN, SPREAD))
    scaled = (pictures().float() / 255 - mean) / spread
    expected = net.conv2(net.bn1(net.conv1(scaled)))
    found = encoder.train()(pictures())  # training never reaches its batch norm
    torch.testing.assert_close(found[:, 4 * 1 + 2], expected[:, :, 1, 2])
    torch.testing.assert_close(found, expected.flatten(2).transpose(1, 2))
    assert not any(parameter.requires_grad for parameter in encoder.parameters())


def test_torchs_own_format_is_read_too_and_without_a_file_the_library_is_asked(
    tmp_path: Path, asked: list[object]
) -> None:
    torch.save(weights(), tmp_path / "small.pth")
    one = load_pretrained("timm:small", weights=tmp_path / "small.pth", picture_size=32)
    assert torch.equal(one.network.conv1.weight, weights()["conv1.weight"])
    load_pretrained("timm:small", weights=None, picture_size=32)
    load_pretrained("torchvision:small", weights=None, picture_size=32)
    assert asked[1:] == [("small", {"pretrained": True}), ("small", {"weights": "DEFAULT"})]


def test_a_file_with_more_than_tensors_is_not_unpickled(
    tmp_path: Path, asked: list[object]
) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "exploded"),)

    torch.save({"conv1.weight": Bomb()}, tmp_path / "bomb.pth")
    with pytest.raises(InputError, match="other than tensors, and nothing else is unpickled"):
        load_pretrained("timm:small", weights=tmp_path / "bomb.pth", picture_size=32)
    assert not (tmp_path / "exploded").exists()


def test_weights_of_another_network_are_refused(tmp_path: Path, asked: list[object]) -> None:
    whole = weights()
    path = tmp_path / "w.safetensors"
    for change, message in [
        ({"extra": torch.zeros(1)}, "it has the unknown extra"),
        ({"fc.bias": torch.zeros(9)}, r"expected fc.bias of \[10\], found \[9\]"),
    ]:
        safetensors.torch.save_file({**whole, **change}, path)
        with pytest.raises(InputError, match=message):
            load_pretrained("torchvision:small", weights=path, picture_size=32)
    safetensors.torch.save_file({"fc.bias": whole["fc.bias"]}, path)
    with pytest.raises(InputError, match=r"it lacks bn1.bias \(10 in all\)"):
        load_pretrained("torchvision:small", weights=path, picture_size=32)


def test_files_that_are_none_are_named(tmp_path: Path, asked: list[object]) -> None:
    for name, data, message in [
        ("a.safetensors", b"junk", "is no safetensors file"),
        ("a.pth", b"junk", "neither safetensors .* nor torch's zip format"),
        ("a.pth", b"", "neither safetensors .* nor torch's zip format"),
        ("a.pth", ZIP, "nothing else is unpickled"),
    ]:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=message):
            load_pretrained("timm:small", weights=tmp_path / name, picture_size=32)
    torch.save([torch.zeros(1)], tmp_path / "list.pth")
    with pytest.raises(InputError, match="tensors by name"):
        load_pretrained("timm:small", weights=tmp_path / "list.pth", picture_size=32)
    with pytest.raises(InputError, match="there is no such file"):
        load_pretrained("timm:small", weights=tmp_path / "none.pth", picture_size=32)


def test_names_that_are_not_known_list_those_that_are(asked: list[object]) -> None:
    with pytest.raises(OptionError, match="unknown library 'vgg'; known: timm, torchvision"):
        load_pretrained("vgg:16", weights=None, picture_size=32)
    with pytest.raises(OptionError, match="unknown network of timm 'smal'; known: .* 'small'"):
        load_pretrained("timm:smal", weights=None, picture_size=32)
    with pytest.raises(OptionError, match="expected a network after timm:"):
        load_pretrained("timm", weights=None, picture_size=32)


def test_a_network_without_places_is_refused(asked: list[object]) -> None:
    with pytest.raises(OptionError, match="timm:flat has no feature map"):
        load_pretrained("timm:flat", weights=None, picture_size=32)


def test_without_the_library_it_is_said_what_else_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(OptionError, match=r"timm is not installed.*pip install timm.*\.npy files"):
        load_pretrained("timm:small", weights=None, picture_size=32)
