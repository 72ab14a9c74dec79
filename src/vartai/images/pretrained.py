"""Encoders that someone else trained: of torchvision or timm, named by the user.

    torchvision:resnet18        timm:convnext_tiny        timm:resnet50.a1_in1k

Neither library comes with Vartai. Weights are the library's own, which it fetches itself, or a file
of the user's: safetensors, or torch's format read without unpickling anything but tensors. Such an
encoder is not trained along and is no part of a saved captioner: its annotations are computed once
and written to files (`vartai.data.annotating`), and the captioner is trained on those.

The annotations are the last feature map, before the network pools it into one vector: of resnet18
and pictures of 224 pixels 7 × 7 places of 512 numbers. timm has a call for it; of torchvision's
networks it is the last output of any of their parts before the pool. Where that has its places in
a row, as in a transformer, or a single one, as of small pictures, the network is refused.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from vartai.errors import OptionError, unknown_name
from vartai.images.sizes import LARGEST_SIZE, MOST_NUMBERS, MOST_POSITIONS
from vartai.images.weights import digest_of, put_weights, read_weights

LIBRARIES = ("timm", "torchvision")
# Of ImageNet, by channel: what nearly every published network was trained with.
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_NEAREST = 5


class Scale(NamedTuple):
    """What a network wants of pictures.

    Args:
        size: pixels a side.
        mean: of the channels, from 0 to 1.
        spread: their standard deviation.
    """

    size: int
    mean: tuple[float, ...]
    spread: tuple[float, ...]


USUAL = Scale(224, MEAN, SPREAD)


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
        try:
            _, self.annotations, self.size = self(blank).shape
        except OptionError:
            raise
        except Exception as error:  # whatever a network of another library raises
            raise OptionError(
                f"{name} cannot look at pictures of {picture_size} pixels: {_line(error)}"
            ) from error
        if self.annotations > MOST_POSITIONS or self.size > MOST_NUMBERS:
            raise OptionError(
                f"{name} gives {self.annotations:,} places of {self.size:,} numbers for pictures "
                f"of {picture_size} pixels; at most {MOST_POSITIONS:,} of {MOST_NUMBERS:,} can be "
                "kept"
            )

    @property
    def digest(self) -> str:
        """SHA-256 of the weights: names, types, shapes and numbers, whatever file they came in."""
        return digest_of(self.network)

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> Tensor:
        """``[B, 3, S, S]``, uint8, to ``[B, L, D]``; places row by row from the top left."""
        self.network.eval()
        scaled = (pictures.to(self.mean.device).float() / 255 - self.mean) / self.spread
        return _last_map(self.network, scaled, self.name).flatten(2).transpose(1, 2).contiguous()


def load_pretrained(
    name: str, *, weights: Path | None, picture_size: int | None
) -> PretrainedEncoder:
    """Build a network of another library and give it its weights.

    Args:
        name: ``torchvision:NETWORK`` or ``timm:NETWORK``.
        weights: a `.safetensors` file or one of torch's; None for those that the library fetches.
        picture_size: at which pictures are annotated; the network's own if None.

    Raises:
        OptionError: the library or the network is unknown or not installed, its weights cannot be
            fetched, or the network has no feature map for pictures of this size.
        InputError: the file cannot be read, or belongs to another network.
    """
    library, _, network = name.partition(":")
    if library not in LIBRARIES:
        raise unknown_name("library", library, LIBRARIES)
    if not network:
        raise OptionError(f"expected a network after {library}:, such as {library}:resnet18")
    if picture_size is not None and not 1 <= picture_size <= LARGEST_SIZE:
        raise OptionError(f"picture_size must be from 1 to {LARGEST_SIZE}, was {picture_size}")
    found = _import(library)
    tensors = None if weights is None else read_weights(weights)
    build = _torchvision if library == "torchvision" else _timm
    built, scale = build(found, network, fetch=weights is None)
    if tensors is not None:
        put_weights(built, tensors, file=str(weights))
    return PretrainedEncoder(
        name,
        built,
        picture_size=scale.size if picture_size is None else picture_size,
        mean=scale.mean,
        spread=scale.spread,
    )


def _import(library: str) -> Any:
    try:
        return importlib.import_module(
            "torchvision.models" if library == "torchvision" else library
        )
    except (ImportError, RuntimeError) as error:  # the latter where it was built for another torch
        raise OptionError(
            f"{library} is not installed, or not for this torch ({torch.__version__}): "
            f"pip install {library}. Annotations computed elsewhere do as well, as .npy files"
        ) from error


def _torchvision(library: Any, network: str, *, fetch: bool) -> tuple[nn.Module, Scale]:
    # Of the networks that classify; those that find boxes or colour regions take other inputs.
    _require_known("torchvision", network, library.list_models(module=library))
    weights = "DEFAULT" if fetch else None
    built = _built("torchvision", network, lambda: library.get_model(network, weights=weights))
    if hasattr(built, "transform_input"):
        # The weights of its Inception networks expect it, and it is off where none are fetched.
        built.transform_input = True  # type: ignore[assignment]
    wants = library.get_model_weights(network)
    if not len(wants):
        return built, USUAL
    preset = wants.DEFAULT.transforms()
    return built, Scale(int(preset.crop_size[0]), tuple(preset.mean), tuple(preset.std))


def _timm(library: Any, network: str, *, fetch: bool) -> tuple[nn.Module, Scale]:
    # resnet50.a1_in1k: a network, and which of several trainings.
    names = library.list_models()
    if network.partition(".")[0] not in names:
        _require_known("timm", network, names)
    if "." in network:
        _require_known("timm", network, library.list_models(pretrained=True))
    built = _built("timm", network, lambda: library.create_model(network, pretrained=fetch))
    settings: Any = getattr(built, "default_cfg", None)
    if settings is None:
        return built, USUAL
    return built, Scale(settings["input_size"][-1], tuple(settings["mean"]), tuple(settings["std"]))


def _require_known(library: str, network: str, names: Sequence[str]) -> None:
    """As `unknown_name`, for names by the thousand."""
    if network in names:
        return
    near = difflib.get_close_matches(network, names, n=_NEAREST, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise OptionError(
        f"unknown network of {library} {network!r:.80}; {len(names):,} are known{hint}. "
        f"{library}.{'models.' * (library == 'torchvision')}list_models() tells all"
    )


def _built(library: str, network: str, build: Callable[[], nn.Module]) -> nn.Module:
    """Made by the other library, whatever it raises where it cannot fetch what it needs."""
    try:
        return build()
    except Exception as error:
        raise OptionError(
            f"{library} could not build {network} or fetch its weights: {_line(error)}; "
            "--weights FILE reads them from a file"
        ) from error


def _line(error: Exception) -> str:
    """An error of another library, as the end of a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0][:200].rstrip(".") if lines else type(error).__name__


def _last_map(network: nn.Module, pictures: Tensor, name: str) -> Tensor:
    """The last feature map, ``[B, C, h, w]``; see the module's text."""
    told: Any = getattr(network, "forward_intermediates", None)
    if told is not None:
        last: Tensor | None = told(
            pictures, indices=1, norm=True, output_fmt="NCHW", intermediates_only=True
        )[-1]
    else:
        last = _last_square(network, pictures)
    if last is None or last.dim() != 4 or last.shape[2] * last.shape[3] < 2:
        raise OptionError(
            f"{name} has no feature map [channels, rows, columns] of more than one place for "
            f"pictures of {pictures.shape[-1]} pixels; choose a convolutional network, or compute "
            "annotations elsewhere"
        )
    return last


def _last_square(network: nn.Module, pictures: Tensor) -> Tensor | None:
    """The last feature map, if it has several places in a square; pictures are square."""
    found = _Found()
    pools = (nn.AdaptiveAvgPool2d,)
    hooks = [
        part.register_forward_hook(found.pooled if isinstance(part, pools) else found.gave)
        for part in network.modules()
    ]
    try:
        network(pictures)
    finally:
        for hook in hooks:
            hook.remove()
    return found.last


class _Found:
    """The last feature map so far, told by every part of a network that gave something.

    After a pool to one place, what has one place is made of the pooled vector; before it, such a
    map is the last one, and too small to look around in.
    """

    def __init__(self) -> None:
        self.last: Tensor | None = None
        self._behind_pool = False

    def gave(self, _: nn.Module, __: object, output: object) -> None:
        """A part gave something."""
        if not isinstance(output, Tensor) or output.dim() not in (3, 4):
            return
        square = _square(output)
        several = square is not None or (output.dim() == 3 and output.shape[1] > 1)
        if several or not self._behind_pool:
            self.last = square
            self._behind_pool = False

    def pooled(self, _: nn.Module, inputs: tuple[object, ...], __: object) -> None:
        """A map was pooled; it counts, and not what was made of it."""
        (given,) = inputs
        self.last = _square(given) if isinstance(given, Tensor) else None
        self._behind_pool = True


def _square(output: Tensor) -> Tensor | None:
    """``[B, C, h, h]`` of an output with several places in a square."""
    if output.dim() == 4 and 1 < output.shape[3] == output.shape[2]:
        return output
    if output.dim() == 4 and 1 < output.shape[2] == output.shape[1]:
        return output.permute(0, 3, 1, 2)
    return None
