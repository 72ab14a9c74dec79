from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from tests.images.stand_ins import Net, put_stand_ins
from torch import Tensor

from vartai.errors import InputError, OptionError
from vartai.images.pretrained import MEAN, SPREAD, load_pretrained

ZIP = b"PK\x05\x06" + bytes(18)  # an archive with nothing in it


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the stand-ins for both libraries were asked to build."""
    return put_stand_ins(monkeypatch)


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
    with pytest.raises(InputError, match=r"it lacks bn1.bias \(9 in all\)"):
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
    with pytest.raises(OptionError, match="network of timm 'smal'; 7 are known; nearest: small"):
        load_pretrained("timm:smal", weights=None, picture_size=32)
    with pytest.raises(OptionError, match="expected a network after timm:"):
        load_pretrained("timm", weights=None, picture_size=32)


@pytest.mark.parametrize("network", ["flat", "rows"])
def test_a_network_without_places_in_a_square_is_refused(network: str, asked: list[object]) -> None:
    with pytest.raises(OptionError, match=f"timm:{network} has no feature map"):
        load_pretrained(f"timm:{network}", weights=None, picture_size=32)


def test_a_map_of_one_place_is_none_though_earlier_ones_have_more(asked: list[object]) -> None:
    assert load_pretrained("timm:small", weights=None, picture_size=16).annotations == 4
    with pytest.raises(OptionError, match="more than one place for pictures of 8 pixels"):
        load_pretrained("timm:small", weights=None, picture_size=8)


def test_what_is_made_of_the_pooled_vector_is_no_map(asked: list[object]) -> None:
    encoder = load_pretrained("timm:squeezing", weights=None, picture_size=32)
    assert (encoder.annotations, encoder.size) == (16, 6)


def test_channels_may_come_last(asked: list[object]) -> None:
    encoder = load_pretrained("torchvision:channels-last", weights=None, picture_size=32)
    assert (encoder.annotations, encoder.size) == (64, 4)
    one = pictures()[:1]
    scaled = (one.float() / 255 - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(SPREAD).view(
        3, 1, 1
    )
    expected = encoder.network(scaled)
    torch.testing.assert_close(encoder(one)[0, 8 * 2 + 5], expected[0, 2, 5])


def test_a_network_that_tells_its_feature_map_is_asked_for_it(asked: list[object]) -> None:
    encoder = load_pretrained("timm:telling", weights=None, picture_size=32)
    assert (encoder.annotations, encoder.size) == (16, 6)
    scaled = (pictures().float() / 255 - encoder.mean) / encoder.spread
    expected = encoder.network.map_of(scaled) + 1
    torch.testing.assert_close(encoder(pictures()), expected.flatten(2).transpose(1, 2))


def test_what_a_network_cannot_look_at_is_one_sentence(asked: list[object]) -> None:
    with pytest.raises(OptionError, match="cannot look at pictures of 3 pixels: .*ernel size"):
        load_pretrained("timm:small", weights=None, picture_size=3)
    with pytest.raises(OptionError, match="from 1 to 1024, was 0"):
        load_pretrained("timm:small", weights=None, picture_size=0)
    with pytest.raises(
        OptionError, match=r"could not build offline or fetch .*no route; --weights"
    ):
        load_pretrained("timm:offline", weights=None, picture_size=32)


def test_the_size_of_pictures_is_the_networks_own_unless_told(asked: list[object]) -> None:
    assert load_pretrained("timm:small", weights=None, picture_size=None).picture_size == 224
    assert load_pretrained("timm:telling", weights=None, picture_size=None).picture_size == 48


def test_files_without_counters_of_batches_fit_and_have_the_same_digest(
    tmp_path: Path, asked: list[object]
) -> None:
    old = {name: value for name, value in weights().items() if "num_batches" not in name}
    safetensors.torch.save_file(old, tmp_path / "old.safetensors")
    torch.save(weights(), tmp_path / "new.pth")
    found = [
        load_pretrained("timm:small", weights=tmp_path / name, picture_size=32).digest
        for name in ("old.safetensors", "new.pth")
    ]
    assert found[0] == found[1]
    torch.save(weights(3), tmp_path / "new.pth")
    other = load_pretrained("timm:small", weights=tmp_path / "new.pth", picture_size=32)
    assert other.digest != found[0]


def test_a_whole_checkpoint_is_told_from_a_state_dict(tmp_path: Path, asked: list[object]) -> None:
    torch.save({"epoch": 3, "state_dict": weights()}, tmp_path / "all.pth")
    with pytest.raises(InputError, match="a checkpoint that has one among other things"):
        load_pretrained("timm:small", weights=tmp_path / "all.pth", picture_size=32)


def test_one_of_several_trainings_is_named_behind_a_dot(asked: list[object]) -> None:
    load_pretrained("timm:small.tag", weights=None, picture_size=32)
    assert asked == [("small.tag", {"pretrained": True})]
    with pytest.raises(OptionError, match="unknown network of timm 'small.tug'"):
        load_pretrained("timm:small.tug", weights=None, picture_size=32)


def test_without_the_library_it_is_said_what_else_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(OptionError, match=r"timm is not installed.*pip install timm.*\.npy files"):
        load_pretrained("timm:small", weights=None, picture_size=32)
