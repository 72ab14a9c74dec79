"""A small convolutional encoder that is trained along: a picture to annotation vectors.

A picture is cut into patches of 4 × 4 pixels, each read by one matrix; then convolutions with
stride 2 halve it until `side` × `side` places are left, and `blocks` residual blocks work on those.
Each place becomes one annotation vector. Nearly all the work lies at the end, where few places are
left: that is what makes it fast on a CPU.

Every norm is of one place alone, over its channels (as in Liu et al. 2022). There is no statistic
of a batch, so a picture has the same annotations alone as among others; and none of the whole
picture, so an annotation tells of its surroundings and not of what stands elsewhere. How wide these
are, in pixels, is what `PictureEncoder.sees` tells.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vartai.errors import OptionError, require_range
from vartai.images.options import PictureOptions
from vartai.images.sizes import PATCH, halvings


class ChannelNorm(nn.Module):
    """Mean 0 and variance 1 over the channels of each place, then scaled and shifted by channel.

    Args:
        channels: C. Takes and gives ``[B, C, H, W]``.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, places: Tensor) -> Tensor:
        """Channels last is how convolutions are fastest on a CPU; then this moves nothing."""
        rows = places.permute(0, 2, 3, 1)
        normed = functional.layer_norm(rows, self.weight.shape, self.weight, self.bias)
        return normed.permute(0, 3, 1, 2)


class ResidualBlock(nn.Module):
    """``x + up(relu(across(relu(down(relu(norm(x)))))))``, the bottleneck of He et al. (2016).

    It works on half of the channels and begins as ``x``.

    Args:
        channels: in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(1, channels // 2)
        self.norm = ChannelNorm(channels)
        self.down = nn.Conv2d(channels, inner, 1)
        self.across = nn.Conv2d(inner, inner, 3, padding=1)
        self.up = nn.Conv2d(inner, channels, 1)

    def forward(self, places: Tensor) -> Tensor:
        """``[B, C, H, W]`` to the same."""
        inner = self.down(functional.relu(self.norm(places)))
        changed: Tensor = self.up(functional.relu(self.across(functional.relu(inner))))
        return places + changed


class PictureEncoder(nn.Module):
    """Pictures to annotations.

    Args:
        picture_size: S, width and height of a picture in pixels.
        side: places along each side; S / side is 4, 8, 16, ….
        width: channels of a patch; each halving doubles them.
        size: D, numbers in an annotation.
        blocks: residual blocks at the end.
        positions: learn a vector for each place, added to its annotation, so that an annotation
            tells where it is.
        dropout: share of the numbers of the annotations dropped in training.

    Attributes:
        annotations: L, side × side; row by row from the top left.
    """

    def __init__(
        self,
        *,
        picture_size: int,
        side: int,
        width: int,
        size: int,
        blocks: int,
        positions: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        times = halvings(picture_size, side)
        for name, value in (("width", width), ("size", size)):
            require_range(name, value, at_least=1)
        require_range("blocks", blocks, at_least=0)
        require_range("dropout", dropout, at_least=0, below=1)
        self.picture_size = picture_size
        self.side = side
        self.annotations = side * side
        self.size = size
        self.blocks = blocks
        stages: list[nn.Module] = [nn.Conv2d(3, width, PATCH, stride=PATCH)]
        for halving in range(times):
            now = width << halving
            stages += [ChannelNorm(now), nn.ReLU(), nn.Conv2d(now, 2 * now, 3, 2, padding=1)]
        stages += [ResidualBlock(width << times) for _ in range(blocks)]
        stages += [ChannelNorm(width << times), nn.ReLU(), nn.Conv2d(width << times, size, 1)]
        self.stages = nn.Sequential(*stages, ChannelNorm(size))
        self.places = nn.Parameter(torch.randn(self.annotations, size) * 0.1) if positions else None
        self.dropout = nn.Dropout(dropout)
        self._begin()

    def _begin(self) -> None:
        """He et al. (2015) for what a ReLU follows; residual blocks that change nothing yet."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d) and module.bias is not None:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, ResidualBlock):
                nn.init.zeros_(module.up.weight)

    @property
    def sees(self) -> int:
        """Width of the square that one annotation depends on, in pixels."""
        step = self.picture_size // self.side
        return PATCH + 2 * (step - PATCH) + 2 * step * self.blocks

    def forward(self, pictures: Tensor) -> Tensor:
        """Annotate pictures.

        Args:
            pictures: ``[B, 3, S, S]``; uint8 from 0 to 255, or floating point from 0 to 1.

        Returns:
            ``[B, L, D]``. Outside training each picture goes through alone, so that its neighbours
            cannot change even its last bit.

        Raises:
            OptionError: pictures of another shape.
        """
        expected = (3, self.picture_size, self.picture_size)
        if pictures.dim() != 4 or tuple(pictures.shape[1:]) != expected:
            raise OptionError(
                f"expected pictures [B, {', '.join(map(str, expected))}], found "
                f"{list(pictures.shape)}"
            )
        if self.training or len(pictures) < 2:
            return self._annotate(pictures)
        return torch.cat([self._annotate(picture) for picture in pictures.unsqueeze(1)])

    def _annotate(self, pictures: Tensor) -> Tensor:
        weight = next(self.stages.parameters())
        shades = pictures.to(weight.dtype)
        if not pictures.is_floating_point():
            shades = shades / 255
        # Between -1 and 1: what lies around zero is learned from faster.
        shades = (shades * 2 - 1).contiguous(memory_format=torch.channels_last)
        rows = self.stages(shades).permute(0, 2, 3, 1).reshape(len(pictures), -1, self.size)
        if self.places is not None:
            rows = rows + self.places
        annotations: Tensor = self.dropout(rows)
        return annotations


class GivenAnnotations(nn.Module):
    """In the place of an encoder: annotations that were made elsewhere, as they are.

    Args:
        dropout: share of their numbers dropped in training.
    """

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)

    def forward(self, annotations: Tensor) -> Tensor:
        """``[B, L, D]`` to the same."""
        kept: Tensor = self.dropout(annotations)
        return kept


def build_encoder(options: PictureOptions) -> PictureEncoder:
    """The encoder that is trained along.

    Raises:
        OptionError: the options name another one, or its sizes do not fit.
    """
    if options.pretrained is not None:
        raise OptionError("pretrained names what made given annotations; this encoder is another")
    return PictureEncoder(
        picture_size=options.picture_size,
        side=options.places,
        width=options.width,
        size=options.annotation_size,
        blocks=options.blocks,
        positions=options.positions,
        dropout=options.annotation_dropout,
    )
