"""What a person can choose about how pictures are looked at, with the defaults, once."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from vartai.errors import OptionError, require_range
from vartai.images.sizes import LARGEST_SIZE, MOST_NUMBERS, MOST_POSITIONS, halvings

MOST_WIDTH, MOST_BLOCKS = 512, 64
_PRETRAINED = re.compile(r"(own|timm|torchvision):[A-Za-z0-9_.-]{1,200}")
_WEIGHTS = re.compile(r"(library|file):[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class PictureOptions:
    """Pictures, and the encoder that is trained along.

    Attributes:
        picture_size: pixels a side; a picture is cut to the square in its middle and scaled to it.
        places: annotation vectors a side: a picture has the square of this many. The picture size
            divided by it must be 4, 8, 16, ….
        width: channels of the encoder's first layer; each halving of the picture doubles them.
        annotation_size: numbers in an annotation vector.
        blocks: residual blocks at the end of the encoder.
        positions: learn a vector for each place, so that an annotation tells where it is.
        annotation_dropout: share of the numbers of the annotations dropped in training.
        pretrained: torchvision:NETWORK or timm:NETWORK that made annotations of pictures of this
            size; what `vartai features` writes says it by itself.
        pretrained_weights: library: or file:, whosever its weights are, and their SHA-256;
            likewise. Others are then refused.
    """

    picture_size: int = 128
    places: int = 8
    width: int = 32
    annotation_size: int = 128
    blocks: int = 1
    positions: bool = True
    annotation_dropout: float = 0.0
    pretrained: str | None = None
    pretrained_weights: str | None = None

    def __post_init__(self) -> None:
        # A model file says these numbers too: nothing is made of them before they are in bounds.
        for name, most in (
            ("picture_size", LARGEST_SIZE),
            ("width", MOST_WIDTH),
            ("annotation_size", MOST_NUMBERS),
        ):
            require_range(name, getattr(self, name), at_least=1, below=most + 1)
        require_range("blocks", self.blocks, at_least=0, below=MOST_BLOCKS + 1)
        require_range("annotation_dropout", self.annotation_dropout, at_least=0, below=1)
        if self.pretrained is not None or self.pretrained_weights is not None:
            self._require_named()
        elif self.width << halvings(self.picture_size, self.places) > MOST_NUMBERS:
            raise OptionError(
                f"width {self.width}, doubled at each halving of {self.picture_size} pixels to "
                f"{self.places} places, becomes more than {MOST_NUMBERS:,}"
            )

    def _require_named(self) -> None:
        """How another library's network comes to its places is not ours to check."""
        require_range("places", self.places, at_least=1, below=math.isqrt(MOST_POSITIONS) + 1)
        for name, value, pattern, form in (
            ("pretrained", self.pretrained, _PRETRAINED, "torchvision:NETWORK or timm:NETWORK"),
            (
                "pretrained_weights",
                self.pretrained_weights,
                _WEIGHTS,
                "library: or file:, and 64 hexadecimal digits",
            ),
        ):
            if value is None and name == "pretrained":
                raise OptionError("pretrained_weights says nothing without pretrained")
            if value is not None and not pattern.fullmatch(value):
                raise OptionError(f"{name} must be {form}, was {value!r:.100}")
