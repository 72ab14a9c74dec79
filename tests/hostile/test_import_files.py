"""Files of other programs that were damaged, or made to run code or to take memory."""

from __future__ import annotations

import json
import os
import re
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from torch import nn

from vartai.errors import InputError, OptionError
from vartai.exchange import layers_from_onnx, layers_model
from vartai.exchange.keras_files import require_harmless
from vartai.exchange.tensor_files import read_tensors
from vartai.nn import GRU, LSTM

MOST_MEMORY = 64 << 20
MOST_SECONDS = 10.0


def refused(read: Callable[[Path], object], file: Path, fault: str) -> None:
    """Refused with this text, soon, and in little memory."""
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(InputError, match=fault) as caught:
            read(file)
        assert str(file) in str(caught.value)
        assert time.monotonic() - begun < MOST_SECONDS
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


class Payload:
    """What an attacker pickles: a call that is made when the file is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_a_pickle_that_calls_something_is_not_opened(tmp_path: Path) -> None:
    torch.save({"a": Payload(tmp_path / "mark")}, tmp_path / "m.pt")
    refused(read_tensors, tmp_path / "m.pt", "holds something else than tensors, which could run")
    assert not (tmp_path / "mark").exists()


def test_a_whole_module_is_not_opened(tmp_path: Path) -> None:
    torch.save(nn.LSTM(2, 3), tmp_path / "m.pth")
    refused(read_tensors, tmp_path / "m.pth", "save model.state_dict.. with torch.save")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ([torch.zeros(2)], "expected a mapping of names to tensors, found list"),
        (
            {"state_dict": {"a": torch.zeros(2)}, "epoch": 3},
            "one level further down, in state_dict",
        ),
        ({"a": torch.zeros(1).expand(1 << 40)}, "needs more bytes than the file has"),
        ({"a": torch.tensor([1.0, float("nan")])}, r"tensor 'a' holds nan at \(1,\)"),
        ({"a": torch.zeros(1 << 40, device="meta")}, "is not a plain one"),
        ({"a": torch.eye(2).to_sparse()}, "is not a plain one"),
    ],
)
def test_what_is_no_plain_mapping_of_finite_tensors(
    tmp_path: Path, value: object, fault: str
) -> None:
    torch.save(value, tmp_path / "m.pt")
    refused(read_tensors, tmp_path / "m.pt", fault)


def rewritten(source: Path, to: Path, change: Callable[[str, bytes], bytes], **how: int) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(to, "w", **how) as new:  # type: ignore[call-overload]
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return to


def test_an_archive_that_grows_when_it_is_opened(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(3_000_000)}, tmp_path / "m.pt")
    small = rewritten(
        tmp_path / "m.pt",
        tmp_path / "bomb.pt",
        lambda _, raw: raw,
        compression=zipfile.ZIP_DEFLATED,
    )
    assert small.stat().st_size < 100_000
    refused(read_tensors, small, "an archive that grows when it is opened")


def test_a_tensor_that_claims_more_than_its_part_holds(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(100_000)}, tmp_path / "m.pt")

    def shortened(name: str, raw: bytes) -> bytes:
        return raw[:16] if name.endswith("data/0") else raw

    short = rewritten(tmp_path / "m.pt", tmp_path / "short.pt", shortened)
    refused(read_tensors, short, "needs more bytes than the file has|holds something else")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "not an archive as torch.save writes it"),
        (b"\x80\x02}q\x00.", "not an archive as torch.save writes it"),
        (b"PK\x03\x04" + b"\0" * 60, "not an archive as torch.save writes it"),
    ],
)
def test_bytes_that_are_no_archive(tmp_path: Path, raw: bytes, fault: str) -> None:
    (tmp_path / "m.pt").write_bytes(raw)
    refused(read_tensors, tmp_path / "m.pt", fault)


def test_a_truncated_file_of_torch(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1000)}, tmp_path / "m.pt")
    raw = (tmp_path / "m.pt").read_bytes()
    for cut in range(0, len(raw), 97):
        (tmp_path / "m.pt").write_bytes(raw[:cut])
        with pytest.raises(InputError, match=re.escape(str(tmp_path / "m.pt"))):
            read_tensors(tmp_path / "m.pt")


def test_safetensors_are_judged_by_their_header(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}})
    raw = len(header).to_bytes(8, "little") + header.encode()
    (tmp_path / "m.safetensors").write_bytes(raw)
    refused(read_tensors, tmp_path / "m.safetensors", "tensors need .* the file holds 0")
    (tmp_path / "m.safetensors").write_bytes(b"\x80\x04" + b"x" * 100)
    refused(read_tensors, tmp_path / "m.safetensors", "a pickle or archive under another name")
    save_file({"a": np.array([np.inf], np.float32)}, tmp_path / "m.safetensors")
    refused(read_tensors, tmp_path / "m.safetensors", "holds inf")


@pytest.fixture
def onnx_file(tmp_path: Path) -> Path:
    pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")
    torch.manual_seed(0)
    layers = LSTM(3, 4, bidirectional=True, peepholes=True, coupled=True)
    (tmp_path / "m.onnx").write_bytes(layers_model(layers))
    return tmp_path / "m.onnx"


@pytest.mark.parametrize(
    "make",
    [
        lambda: LSTM(3, 4, bidirectional=True, peepholes=True),
        lambda: LSTM(3, 4, coupled=True, activation="elu"),
        lambda: GRU(3, 4, reset_after=False, activation="softsign", bidirectional=True),
        lambda: GRU(3, 4, bias=False),
    ],
)
def test_a_harmless_onnx_node_is_read(tmp_path: Path, make: Callable[[], Any]) -> None:
    pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")
    layers = make()
    (tmp_path / "m.onnx").write_bytes(layers_model(layers))
    inputs = torch.randn(5, 2, 3)
    with torch.no_grad():
        found = layers_from_onnx(tmp_path / "m.onnx")(inputs)[0]
        torch.testing.assert_close(found, layers(inputs)[0])


def changed(file: Path, change: Callable[[Any], object]) -> Path:
    import onnx

    model = onnx.load_model_from_string(file.read_bytes())
    change(model.graph)
    file.write_bytes(model.SerializeToString())
    return file


def weights(graph: Any) -> Any:
    """The first weights of the recurrent node."""
    name = next(node for node in graph.node if node.op_type == "LSTM").input[1]
    return next(each for each in graph.initializer if each.name == name)


def to_another_file(graph: Any) -> None:
    held = weights(graph)
    held.data_location = 1
    entry = held.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def to_a_huge_shape(graph: Any) -> None:
    weights(graph).dims[0] = 1 << 40


def to_no_constant(graph: Any) -> None:
    graph.initializer.remove(weights(graph))


def to_nan(graph: Any) -> None:
    held = weights(graph)
    held.raw_data = np.full(len(held.raw_data) // 4, np.nan, np.float32).tobytes()


def to_two_nodes(graph: Any) -> None:
    graph.node.append(next(node for node in graph.node if node.op_type == "LSTM"))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (to_another_file, "kept in another file, which is not opened"),
        (to_a_huge_shape, r"of shape \[1099511627776, 16, 3\] have 96 numbers"),
        (to_no_constant, "are not constants of the model"),
        (to_nan, "hold a number that is not finite"),
        (to_two_nodes, "expected one RNN, GRU or LSTM node; there are: lstm_"),
    ],
)
def test_an_onnx_file_that_was_changed(
    onnx_file: Path, change: Callable[[Any], object], fault: str
) -> None:
    refused(layers_from_onnx, changed(onnx_file, change), fault)


def test_an_onnx_node_that_reads_backward_alone_is_no_layer_of_ours(onnx_file: Path) -> None:
    def backward(graph: Any) -> None:
        node = next(node for node in graph.node if node.op_type == "LSTM")
        next(each for each in node.attribute if each.name == "direction").s = b"reverse"

    with pytest.raises(OptionError, match="a node that reads reverse"):
        layers_from_onnx(changed(onnx_file, backward))


def test_bytes_that_are_no_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")
    (tmp_path / "m.onnx").write_bytes(b"\xff" * 1000)
    refused(layers_from_onnx, tmp_path / "m.onnx", "not an ONNX model, or damaged")
    (tmp_path / "m.onnx").write_bytes(b"")
    refused(layers_from_onnx, tmp_path / "m.onnx", "expected one RNN, GRU or LSTM node")


def keras_file(place: Path, config: object, *, more: str = "", **how: int) -> Path:
    with zipfile.ZipFile(place, "w", **how) as archive:  # type: ignore[call-overload]
        archive.writestr("metadata.json", "{}")
        raw = config if isinstance(config, str) else json.dumps(config)
        archive.writestr("config.json", raw)
        archive.writestr("model.weights.h5", b"\0" * 1000)
        if more:
            archive.writestr(more, "x")
    return place


def layer(name: str, module: str = "keras.layers", **more: object) -> dict[str, object]:
    inner = {"module": module, "class_name": name, "registered_name": None, **more}
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": [inner]}}


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        (layer("Lambda"), "names keras.layers.Lambda"),
        (layer("LSTM", "os"), "names os.LSTM"),
        (layer("Payload", "attack", registered_name="attack>Payload"), "names attack.Payload"),
        (layer("LSTM", registered_name="my>LSTM"), "names keras.layers.LSTM, which is no part"),
        (layer("function", "builtins", config="exec"), "names builtins.function"),
        (layer("function", "keras.initializers", config="x"), "names keras.initializers.function"),
        (layer("TFSMLayer"), "names keras.layers.TFSMLayer"),
        ({"class_name": ["LSTM"], "module": "keras.layers"}, "which is no part of a recurrent"),
        ("[" * 100 + "]" * 100, "config.json"),
        ("{nonsense", "config.json: not the JSON expected"),
    ],
)
def test_a_keras_file_that_names_anything_else(tmp_path: Path, config: object, fault: str) -> None:
    refused(require_harmless, keras_file(tmp_path / "m.keras", config), fault)


def test_a_keras_archive_that_is_not_as_keras_writes_it(tmp_path: Path) -> None:
    good = layer("LSTM")
    require_harmless(keras_file(tmp_path / "good.keras", good))
    more = keras_file(tmp_path / "m.keras", good, more="../../evil.py")
    refused(require_harmless, more, r"in the archive, found .*\.\./\.\./evil\.py")
    packed = keras_file(tmp_path / "m.keras", good, compression=zipfile.ZIP_DEFLATED)
    refused(require_harmless, packed, "an archive that grows when it is opened")
    (tmp_path / "m.keras").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    refused(require_harmless, tmp_path / "m.keras", "not an archive as Keras 3 saves it")
    refused(require_harmless, tmp_path / "gone.keras", "expected a file, there is none")
