"""What a person can choose about how pictures are looked at, with the defaults, once."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import OptionError, require_range
from vartai.images.sizes import LARGEST_SIZE, halvings

MOST_WIDTH, MOST_NUMBERS, MOST_BLOCKS = 512, 1 << 14, 64


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
    """

    picture_size: int = 128
    places: int = 8
    width: int = 32
    annotation_size: int = 128
    blocks: int = 1
    positions: bool = True
    annotation_dropout: float = 0.0

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
        if self.width << halvings(self.picture_size, self.places) > MOST_NUMBERS:
            raise OptionError(
                f"width {self.width}, doubled at each halving of {self.picture_size} pixels to "
                f"{self.places} places, becomes more than {MOST_NUMBERS:,}"
            )
