"""Encoders that someone else trained: of torchvision or timm, named by the user.

    torchvision:resnet18        timm:convnext_tiny

Neither library comes with Vartai. Weights are the library's own, which it fetches itself, or a file
of the user's: safetensors, or torch's format read without unpickling anything but tensors. Such an
encoder is not trained along and is no part of a saved captioner: its annotations are computed once
and written to files (`vartai.data.annotating`), and the captioner is trained on those.

The annotations are the last feature map, before the network pools it into one vector: of resnet18
and pictures of 224 pixels 7 × 7 places of 512 numbers.
"""

from __future__ import annotations

import importlib
import struct
import zipfile
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from vartai.errors import InputError, OptionError, unknown_name
from vartai.images.sizes import MOST_POSITIONS

LIBRARIES = ("timm", "torchvision")
# Of ImageNet, by channel: what nearly every published network was trained with.
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class PretrainedEncoder(nn.Module):
    """Pictures to annotations by a network that does not learn.

    Args:
        name: as the user wrote it.
        network: takes ``[B, 3, S, S]``, scaled as `mean` and `spread` say.
        picture_size: S that the annotations are computed at.
        mean: of the channels, from 0 to 1.
        spread: their standard deviation.

    Attributes:
        annotations: L.
        size: D.

    Raises:
        OptionError: the network has no feature map that could be looked at place by place.
    """

    mean: Tensor
    spread: Tensor

    def __init__(
        self,
        name: str,
        network: nn.Module,
        *,
        picture_size: int,
        mean: tuple[float, ...] = MEAN,
        spread: tuple[float, ...] = SPREAD,
    ) -> None:
        super().__init__()
        self.name = name
        self.picture_size = picture_size
        self.network = network.requires_grad_(requires_grad=False).eval()
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(spread).view(3, 1, 1), persistent=False)
        blank = torch.zeros(1, 3, picture_size, picture_size, dtype=torch.uint8)
        _, self.annotations, self.size = self(blank).shape

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> Tensor:
        """``[B, 3, S, S]``, uint8, to ``[B, L, D]``; places row by row from the top left."""
        self.network.eval()
        scaled = (pictures.float() / 255 - self.mean) / self.spread
        return _last_map(self.network, scaled, self.name).flatten(2).transpose(1, 2).contiguous()


def load_pretrained(name: str, *, weights: Path | None, picture_size: int) -> PretrainedEncoder:
    """Build a network of another library and give it its weights.

    Args:
        name: ``torchvision:NETWORK`` or ``timm:NETWORK``.
        weights: a `.safetensors` file or one of torch's; None for those that the library fetches.
        picture_size: at which pictures are annotated.

    Raises:
        OptionError: the library or the network is unknown or not installed, or the network has no
            feature map.
        InputError: the file cannot be read, or belongs to another network.
    """
    library, _, network = name.partition(":")
    if library not in LIBRARIES:
        raise unknown_name("library", library, LIBRARIES)
    if not network:
        raise OptionError(f"expected a network after {library}:, such as {library}:resnet18")
    found = _import(library)
    if library == "torchvision":
        built = _torchvision(found, network, fetch=weights is None)
    else:
        built = _timm(found, network, fetch=weights is None)
    if weights is not None:
        _put(built, _read(weights), file=str(weights))
    settings: Any = getattr(built, "default_cfg", None)
    scale = {} if settings is None else {"mean": settings["mean"], "spread": settings["std"]}
    return PretrainedEncoder(name, built, picture_size=picture_size, **scale)


def _import(library: str) -> Any:
    try:
        return importlib.import_module(
            "torchvision.models" if library == "torchvision" else library
        )
    except ImportError as error:
        raise OptionError(
            f"{library} is not installed, or not for this torch ({torch.__version__}): "
            f"pip install {library}. Annotations computed elsewhere do as well, as .npy files"
        ) from error


def _torchvision(library: Any, network: str, *, fetch: bool) -> nn.Module:
    names = library.list_models()
    if network not in names:
        raise unknown_name("network of torchvision", network, names)
    built: nn.Module = library.get_model(network, weights="DEFAULT" if fetch else None)
    return built


def _timm(library: Any, network: str, *, fetch: bool) -> nn.Module:
    names = library.list_models()
    if network not in names:
        raise unknown_name("network of timm", network, names)
    built: nn.Module = library.create_model(network, pretrained=fetch)
    return built


def _read(path: Path) -> dict[str, Tensor]:
    """Tensors by name. Nothing is unpickled but tensors."""
    file = str(path)
    if not path.is_file():
        raise InputError("there is no such file", file=file)
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(file)
        if not zipfile.is_zipfile(path):
            raise InputError(
                "is neither safetensors (by its name) nor torch's zip format", file=file
            )
        found = torch.load(file, map_location="cpu", weights_only=True)
    except safetensors.SafetensorError as error:
        raise InputError(f"is no safetensors file: {error}", file=file) from error
    except InputError:
        raise
    except (OSError, RuntimeError, ValueError, EOFError, LookupError, struct.error) as error:
        raise InputError(f"cannot be read: {error}", file=file) from error
    except Exception as error:
        # torch raises pickle's own error, and whoever imports that module may use it.
        if type(error).__name__ != "UnpicklingError":
            raise
        raise InputError(
            "holds something other than tensors, and nothing else is unpickled; save its "
            "state_dict, best as safetensors",
            file=file,
        ) from error
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise InputError("expected tensors by name (a state_dict), found something else", file=file)
    return found


def _put(network: nn.Module, tensors: dict[str, Tensor], *, file: str) -> None:
    own = network.state_dict()
    for what, names in (
        ("lacks", own.keys() - tensors.keys()),
        ("has the unknown", tensors.keys() - own.keys()),
    ):
        if names:
            raise InputError(
                f"belongs to another network: it {what} {sorted(names)[0]} ({len(names)} in all)",
                file=file,
            )
    for name, value in own.items():
        if tensors[name].shape != value.shape:
            raise InputError(
                f"belongs to another network: expected {name} of {list(value.shape)}, found "
                f"{list(tensors[name].shape)}",
                file=file,
            )
    network.load_state_dict(tensors)


def _last_map(network: nn.Module, pictures: Tensor, name: str) -> Tensor:
    """The last output ``[B, C, h, w]`` with more than one place that any part of it gives."""
    maps: list[Tensor] = []

    def note(_: nn.Module, __: object, output: object) -> None:
        if isinstance(output, Tensor) and output.dim() == 4 and output.shape[-1] > 1:
            maps[:] = [output]

    hooks = [part.register_forward_hook(note) for part in network.modules()]
    try:
        network(pictures)
    finally:
        for hook in hooks:
            hook.remove()
    if not maps or maps[0].shape[2] * maps[0].shape[3] > MOST_POSITIONS:
        raise OptionError(
            f"{name} has no feature map [channels, rows, columns] of at most {MOST_POSITIONS} "
            "places; choose a convolutional network, or compute annotations elsewhere"
        )
    return maps[0]
